/*
 * condition.h - condition variables whose timed waits go by the monotonic clock, which nobody sets.
 */
#ifndef BASE_CONDITION_H
#define BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void condition_init(pthread_cond_t *condition); /* ends with pthread_cond_destroy() */
int64_t condition_in(int64_t ns);               /* the moment so far from now */
/* As pthread_cond_wait(), woken for no reason too; false: the moment is over. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until);

#endif
