/*
 * identity.h - are the parties' folders there, and each on the disk one party's alone?
 */
#ifndef ADAPTERS_FILES_IDENTITY_H
#define ADAPTERS_FILES_IDENTITY_H

#include "edition/edition.h"
#include "message/verdict.h"

/* Findings LINT-PARTY about that parties file: errors where one folder has two owners, warnings where one
 * cannot be used now (on a share it may come later, and is served from then on). */
void folders_check(const char *file, const struct edition *edition, struct verdict *mistakes);

#endif
