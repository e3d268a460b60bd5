#define _GNU_SOURCE
#include "clinux.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

int clx_thread_set_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

int clx_thread_set_fifo(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return -pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

int clx_thread_set_core(int core) {
    if (core < 0 || core >= CPU_SETSIZE) return -EINVAL;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    return sched_setaffinity(0, sizeof cores, &cores) == -1 ? -errno : 0;
}

int clx_ioctl(int descriptor, unsigned long request, void *argument) {
    int result;
    do {
        result = ioctl(descriptor, request, argument);
    } while (result == -1 && errno == EINTR);
    return result == -1 ? -errno : result;
}

int clx_accept(int descriptor, int flags) { return accept4(descriptor, NULL, NULL, flags); }

int clx_peer_credentials(int descriptor, int32_t *process, uint32_t *user, uint32_t *group) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == -1) return -errno;
    *process = credentials.pid;
    *user = credentials.uid;
    *group = credentials.gid;
    return 0;
}

void clx_trim_heaps(void) { malloc_trim(0); }

int clx_clock_state(int *status) {
    struct timex request = {.modes = 0};
    int answer = adjtimex(&request);
    *status = request.status;
    return answer < 0 ? -errno : answer;
}

int clx_reserve(int descriptor, int64_t offset, int64_t count) {
    int status;
    do {
        status = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, count);
    } while (status == -1 && errno == EINTR);
    return status == -1 ? -errno : 0;
}

int clx_forbid_dumps(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) == -1) return -errno;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ? -errno : 0;
}
