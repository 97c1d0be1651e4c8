/*
 * local.h - the options by which a verb reads a data folder on this machine: --data FOLDER, --as PARTY.
 * Reading is safe beside a running gateway: state.db is opened read-only.
 */
#ifndef DAEMON_LOCAL_H
#define DAEMON_LOCAL_H

#include "edition/edition.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "daemon/invocation.h"

#define LOCAL_OPTIONS                                                                                      \
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" }, { \
        "as", "PARTY", "以该参与方可见的范围（默认为运维人员）",                                           \
            "what this party may see (default: the operator's view)"                                       \
    }

struct local {
    const char *data; /* the folder */
    struct edition *edition;
    struct state *state;
    struct reader *reader;      /* NULL: there is no journal beside state.db */
    const struct party *viewer; /* NULL: the operator */
};

#define LOCAL_BEHIND_MAX 1000 /* records: an engine at work is a few behind, and that is nobody's worry */

/* On stderr, when state.db stands further than that behind the journal: what is read from it lacks the
   rest. */
void local_tell_behind(const struct invocation *inv, const char *data, struct state *state);
/* 0, or the exit code after telling why. */
int local_open(struct invocation *inv, struct local *local);
void local_close(struct local *local);

#endif
