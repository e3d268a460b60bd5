#pragma once
#include <stdint.h>

// Interposes malloc in test and benchmark programs, because Swift offers no hook of its own.
// The number of heap allocations that the calling thread has made.
uint64_t alc_thread_count(void);
