/*
 * thread.h - a thread of ours, with a name that `top -H` shows.
 *
 * Like memory, a thread is there or the process ends: they are made at the start, and a gateway that lacks
 * one of its own would promise what nobody does. Where a thread is a convenience, its user asks
 * pthread_create() and goes without.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* name: at most 15 bytes. */
void thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context);
/* The calling thread gets of processor and disk what the others leave, as far as the system knows how to. */
void thread_lower_priority(void);

#endif
