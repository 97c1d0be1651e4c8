/*
 * accounts.h - the people who may sign in 账户: one row each in a YAML file that stands beside the parties.
 *
 *   accounts:
 *     - name: zhang.wei                  # letters, digits, . _ - @; what is typed, and what a proxy names
 *       party: FWD-QD-01                 # whose person it is
 *       role: forwarder                  # one of view/sight.h: what it sees, and whether it sends
 *       password: "$scrypt$..."          # made by `clearway passwd`; none: a trusted proxy names it
 *       blocked: true                    # may be left out
 *
 * The file is no text of the edition, so no hash of it comes into a set-up record. One that others than its
 * owner may read is a warning.
 */
#ifndef ADAPTERS_API_ACCOUNTS_H
#define ADAPTERS_API_ACCOUNTS_H

#include "edition/party.h"
#include "message/verdict.h"
#include "view/sight.h"

#define ACCOUNTS_MAX     10000
#define ACCOUNT_NAME_MAX 64

struct account {
    const char *name, *party;
    enum sight_role role;
    const char *password; /* its hash; "": none */
    bool blocked;
};

struct accounts;

/* Mistakes are LINT-ACCOUNT, and show no line of the file. parties: an account is of one of them. NULL: the
 * file cannot be read, which is told. */
struct accounts *accounts_load(const char *path, const struct parties *parties, struct verdict *mistakes);
void accounts_free(struct accounts *accounts);          /* NULL is fine */
size_t accounts_count(const struct accounts *accounts); /* NULL: 0 */
/* NULL: there is none of that name, or it is blocked. accounts NULL: there is none. */
const struct account *accounts_find(const struct accounts *accounts, struct text name);
bool account_name_is_sound(struct text name);

#endif
