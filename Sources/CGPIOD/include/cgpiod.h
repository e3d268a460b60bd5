#pragma once

// Output lines by name over libgpiod 1.6 (Debian 12). libgpiod 2 has another interface: its version of cgpiod.c can
// stand beside this one under the same header. Every function returns 0 or -errno.

#define CGP_MAXIMUM_LINE_COUNT 8
#define CGP_NAME_SIZE 33

typedef struct cgp_request cgp_request;

// Looks at line `line` of the chip with this path ("/dev/...") or label: -ENODEV when there is no such chip, -ENOENT
// when it has no such line. `consumer` becomes the holder's name, or empty when the line is free.
int cgp_inspect(const char *_Nonnull chip, const char *_Nonnull line, char consumer[_Nonnull CGP_NAME_SIZE]);

// Holds `count` lines as outputs that start with `values` (0 or 1 each, physical levels).
int cgp_hold(const char *_Nonnull chip, const char *_Nullable const *_Nonnull lines, unsigned count,
             const int *_Nonnull values, const char *_Nonnull consumer,
             cgp_request *_Nullable *_Nonnull request);

// Sets all lines of the request in one call; -ENODEV once the chip is gone.
int cgp_set(cgp_request *_Nonnull request, const int *_Nonnull values);

// Reads the lines and forgets the answer: tells whether the chip is still there.
int cgp_probe(cgp_request *_Nonnull request);

void cgp_release(cgp_request *_Nonnull request);
