/*
 * schema_trial.c - a child process compiles first, and is ended when a schema takes too long.
 *
 * A process that starts has dozens of schemas, and a fork copies the page tables of all that it has read so
 * far: so one child goes through all of them, and says a byte for each that came to an end. Meanwhile its
 * parent compiles those before. Where the bytes end early, the next schema is the one to blame, and another
 * child goes on behind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/status.h"
#include "check/schema_inside.h"

#define COMPILE_CPU_S  5 /* these three are of each schema, not of all together */
#define COMPILE_WALL_S 20
#define COMPILE_MEMORY ((rlim_t)4 << 30)
#define COMPILE_TRIES  3
#define TRIED_MAX      256 /* schemas remembered as tried */

/* What compiled in time will do so again: a process that loads an edition anew needs no child for schemas
 * that are as they were. Of too many the oldest is forgotten. */
static struct {
    pthread_mutex_t lock;
    struct digest list[TRIED_MAX];
    size_t count; /* so far */
} tried = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct digest digest_of_set(const struct schema_set *set) {
    struct text parts[2 * DOCUMENTS_MAX];
    for (size_t i = 0; i < set->count; i++) {
        parts[2 * i] = (struct text){ set->documents[i].name, strlen(set->documents[i].name) + 1 };
        parts[2 * i + 1] = set->documents[i].bytes;
    }
    return digest_of_parts(parts, 2 * set->count);
}

static bool was_tried(const struct digest *digest) {
    bool found = false;
    pthread_mutex_lock(&tried.lock);
    for (size_t i = 0; i < TRIED_MAX && i < tried.count; i++) {
        found = found || digest_equal(&tried.list[i], digest);
    }
    pthread_mutex_unlock(&tried.lock);
    return found;
}

static void remember_tried(const struct digest *digest) {
    pthread_mutex_lock(&tried.lock);
    tried.list[tried.count++ % TRIED_MAX] = *digest;
    pthread_mutex_unlock(&tried.lock);
}

/* --- the child ------------------------------------------------------------------------------------------ */

static void cap(int resource, rlim_t amount) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0 && (limit.rlim_max == RLIM_INFINITY || amount < limit.rlim_max)) {
        limit.rlim_cur = limit.rlim_max = amount;
        setrlimit(resource, &limit);
    }
}

/* Whatever the parent does with the signals that end a child. */
static void let_signals_end_it(void) {
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPROF, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What it inherited would stay open, and the journal's lock be held, for as long as it lives, though its
 * parent be dead: the next gateway would find its folder in use. */
static void let_go(int fd, pid_t parent) {
    close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
    close_range((unsigned)fd + 1, UINT_MAX, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1); /* it was dead before */
    }
}

/* From now on; what is freed again leaves the whole of the memory to the next. */
static void compile_within_limits(struct schema_set *set) {
    const struct itimerval cpu = { .it_value.tv_sec = COMPILE_CPU_S };
    setitimer(ITIMER_PROF, &cpu, NULL);
    alarm(COMPILE_WALL_S); /* a lock some other thread held at the fork */
    xmlSchemaFree(schema_compile(set, schema_ignore_error));
}

/* It only compiles and says bytes; whatever it does to itself, it ends. */
static _Noreturn void compile_in_child(const struct schema_trial *trial, int fd, pid_t parent) {
    let_go(fd, parent);
    let_signals_end_it();
    cap(RLIMIT_CORE, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    cap(RLIMIT_DATA, COMPILE_MEMORY); /* the sanitizers reserve terabytes */
#endif
    for (size_t i = trial->next; i < trial->count; i++) {
        if (!trial->known[i]) {
            compile_within_limits(trial->sets[i]);
            if (write(fd, "", 1) != 1) {
                _exit(1);
            }
        }
    }
    _exit(0);
}

/* --- its parent ----------------------------------------------------------------------------------------- */

static bool start_child(struct schema_trial *trial) {
    int ends[2] = { -1, -1 };
    pid_t parent = getpid();
    pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
    if (child == 0) {
        compile_in_child(trial, ends[1], parent);
    }
    int error = errno;
    close(ends[1]);
    if (child < 0) {
        struct schema_set *set = trial->sets[trial->next];
        SCHEMA_MISTAKE(set, set->documents[0].file, 0, "无法建立试编译的子进程: %s",
                       "no child process to try the schema in: %s", strerror(error));
        close(ends[0]);
        return false;
    }
    trial->child = child;
    trial->ends = ends[0];
    return true;
}

/* Whether it is ended by its time on the clock. */
static bool stop_child(struct schema_trial *trial) {
    int how = 0;
    close(trial->ends);
    bool known = TEMP_FAILURE_RETRY(waitpid(trial->child, &how, 0)) == trial->child;
    trial->child = 0;
    return known && WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM;
}

/* A child that hangs without using its CPU time met a lock that another thread held at the fork: that is no
 * fault of the schema, and another child is likely to come through. */
static bool compiles_in_time(struct schema_trial *trial) {
    struct schema_set *set = trial->sets[trial->next];
    bool hangs = true;
    for (int i = 0; hangs && i < COMPILE_TRIES; i++) {
        char byte;
        if (trial->child == 0 && !start_child(trial)) {
            return false;
        }
        if (TEMP_FAILURE_RETRY(read(trial->ends, &byte, 1)) == 1) {
            return true;
        }
        hangs = stop_child(trial);
    }
    SCHEMA_MISTAKE(set, set->documents[0].file, 0, "模式在 %d 秒内无法编译完，可能存在不确定的内容模型",
                   "the schema does not compile within %d s of CPU time;"
                   " its content models may be too ambiguous",
                   COMPILE_CPU_S);
    return false;
}

void schema_trial_start(struct schema_trial *trial, struct schema_set *const *sets, size_t count) {
    *trial = (struct schema_trial){
        .sets = sets,
        .digests = memory_array(count + 1, sizeof(*trial->digests)),
        .known = memory_array(count + 1, sizeof(*trial->known)),
        .count = count,
    };
    for (size_t i = 0; i < count; i++) {
        trial->digests[i] = digest_of_set(sets[i]);
        trial->known[i] = was_tried(&trial->digests[i]);
    }
}

bool schema_trial_passed(struct schema_trial *trial) {
    require(trial->next < trial->count);
    size_t i = trial->next;
    bool passed = trial->known[i] || compiles_in_time(trial);
    if (passed && !trial->known[i]) {
        remember_tried(&trial->digests[i]);
    }
    trial->next++;
    return passed;
}

void schema_trial_stop(struct schema_trial *trial) {
    require(trial->next == trial->count);
    if (trial->child) {
        stop_child(trial);
    }
    free(trial->digests);
    free(trial->known);
}
