#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library (https://llvm.org/docs/LibFuzzer.html); the toolchain brings no header for it.

int LLVMFuzzerRunDriver(
    int *_Nonnull argument_count, char *_Nullable *_Nonnull *_Nonnull arguments,
    int (*_Nonnull run)(const uint8_t *_Nonnull bytes, size_t count));
