#pragma once

// The few V4L2 calls of a single-planar capture stream, with flat structs in place of the unions and
// bit-fields of linux/videodev2.h, which Swift cannot read comfortably. Every function returns 0 or -errno.

#include <stdint.h>

typedef struct cv4_capability {
    char driver[17];
    char card[33];
    char bus[33];
    // 1 when the node captures single-planar frames into memory-mapped buffers.
    uint32_t captures;
} cv4_capability;

typedef struct cv4_format {
    uint32_t fourcc;
    uint32_t width;
    uint32_t height;
    uint32_t stride;
} cv4_format;

typedef struct cv4_buffer {
    uint32_t index;
    uint32_t bytes_used;
    uint32_t sequence;
    // 1 when the driver marks the content as broken.
    uint32_t is_broken;
    // Nanoseconds on CLOCK_MONOTONIC, or -1 when the driver stamps with another clock or with no time at all.
    int64_t timestamp;
} cv4_buffer;

int cv4_query_capability(int descriptor, cv4_capability *_Nonnull capability);

// The node's device number, by which sysfs knows it.
int cv4_device_number(int descriptor, uint32_t *_Nonnull major_number, uint32_t *_Nonnull minor_number);

// -EINVAL past the last format.
int cv4_offered_format(int descriptor, uint32_t index, uint32_t *_Nonnull fourcc);

// Both replace the wanted format by what the driver would deliver or delivers.
int cv4_try_format(int descriptor, cv4_format *_Nonnull format);
int cv4_set_format(int descriptor, cv4_format *_Nonnull format);

int cv4_set_frame_interval(int descriptor, uint32_t numerator, uint32_t denominator);
int cv4_set_control(int descriptor, uint32_t identifier, int32_t value);
// Asks whether the driver would take the value, and changes nothing.
int cv4_try_control(int descriptor, uint32_t identifier, int32_t value);
int cv4_get_control(int descriptor, uint32_t identifier, int32_t *_Nonnull value);
int cv4_default_control(int descriptor, uint32_t identifier, int32_t *_Nonnull value);

// The driver may grant more or fewer than it was asked for; 0 frees them all.
int cv4_request_buffers(int descriptor, uint32_t *_Nonnull count);
int cv4_query_buffer(int descriptor, uint32_t index, uint32_t *_Nonnull offset, uint32_t *_Nonnull length);
int cv4_queue(int descriptor, uint32_t index);
int cv4_dequeue(int descriptor, cv4_buffer *_Nonnull buffer);
int cv4_start_streaming(int descriptor);
int cv4_stop_streaming(int descriptor);

// Waits for a finished buffer or a failed queue: 1 when the driver has something to say, 0 after the timeout.
int cv4_wait(int descriptor, int milliseconds);
