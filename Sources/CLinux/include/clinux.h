#pragma once

// What Glibc's Swift module leaves out: epoll, variadic and macro-only system interfaces.
// Every function returns 0 (or a count) on success and -errno on failure.

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timex.h>

int clx_thread_set_name(const char *_Nonnull name);
int clx_thread_set_fifo(int priority);
// Keeps the calling thread, and what it starts from now on, on one core.
int clx_thread_set_core(int core);

// ioctl(2) is variadic, which Swift cannot call; interrupted calls are repeated.
int clx_ioctl(int descriptor, unsigned long request, void *_Nullable argument);

// accept4(2), which Glibc declares only with _GNU_SOURCE; returns the descriptor or -1 with errno set.
int clx_accept(int descriptor, int flags);

// Credentials of the process at the other end of a connected AF_UNIX socket.
int clx_peer_credentials(int descriptor, int32_t *_Nonnull process, uint32_t *_Nonnull user, uint32_t *_Nonnull group);

// Gives the free pages of every heap back to the kernel.
void clx_trim_heaps(void);

// What adjtimex(2) returns, and its status bits; it has a struct that Swift cannot read.
int clx_clock_state(int *_Nonnull status);

// Reserves room behind the end of a file without changing its size; fallocate(2) needs _GNU_SOURCE.
int clx_reserve(int descriptor, int64_t offset, int64_t count);

// Leaves this process, all its threads and children no sockets but AF_UNIX, for good; 32-bit system calls end it.
int clx_forbid_network(void);

// Keeps this process out of core dumps and out of other processes' debuggers.
int clx_forbid_dumps(void);
