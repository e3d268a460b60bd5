#include "clinux.h"
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/socket.h>

// io_uring makes sockets without socket(2); this project has no use for it.
static const int other_ways[] = {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register)};

static int add_rules(scmp_filter_ctx filter) {
    const int makers[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
    for (size_t index = 0; index < sizeof makers / sizeof *makers; index++) {
        const struct scmp_arg_cmp other_family = SCMP_A0_32(SCMP_CMP_NE, AF_UNIX);
        int status = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), makers[index], 1, &other_family);
        if (status < 0) return status;
    }
    for (size_t index = 0; index < sizeof other_ways / sizeof *other_ways; index++) {
        int status = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), other_ways[index], 0, NULL);
        if (status < 0) return status;
    }
    return 0;
}

int clx_forbid_network(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL) return -ENOMEM;
    int status = add_rules(filter);
    if (status == 0) status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (status == 0) status = seccomp_load(filter);
    seccomp_release(filter);
    return status;
}
