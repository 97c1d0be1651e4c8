/*
 * names.h - what files in an InBox are called: responses after the file that they answer, deliveries after
 * the record.
 */
#ifndef ADAPTERS_FILES_NAMES_H
#define ADAPTERS_FILES_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/files/folder.h"

/* "decl.xml" or "decl.zip" of record 42 is answered by "Successed_decl_42.xml", and should record 43 refuse
 * it after all, by "Failed_decl_43.xml"; a file that was not recorded (record 0) by "Failed_decl.xml".
 * shown: as folder_show() shows it. */
void name_response(const char *shown, bool good, uint64_t record, char out[FOLDER_NAME_MAX]);
/* "42_DECL_FWD-QD-01.xml"; family or sender "": without it. */
void name_delivery(uint64_t record, const char *family, const char *sender, char out[FOLDER_NAME_MAX]);
/* "42_DECL_FWD-QD-01.xml" becomes "42_DECL_FWD-QD-01_again.xml": an operator has it delivered again. */
void name_again(char name[FOLDER_NAME_MAX]);

#endif
