#include "cv4l2.h"
#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const enum v4l2_buf_type capture = V4L2_BUF_TYPE_VIDEO_CAPTURE;

static int call(int descriptor, unsigned long request, void *argument) {
    int result;
    do {
        result = ioctl(descriptor, request, argument);
    } while (result == -1 && errno == EINTR);
    return result == -1 ? -errno : 0;
}

int cv4_query_capability(int descriptor, cv4_capability *capability) {
    struct v4l2_capability answer = {0};
    int status = call(descriptor, VIDIOC_QUERYCAP, &answer);
    if (status != 0) return status;
    memset(capability, 0, sizeof *capability);
    memcpy(capability->driver, answer.driver, sizeof answer.driver);
    memcpy(capability->card, answer.card, sizeof answer.card);
    memcpy(capability->bus, answer.bus_info, sizeof answer.bus_info);
    // `capabilities` speaks of the whole device, `device_caps` of this node.
    uint32_t flags = answer.capabilities & V4L2_CAP_DEVICE_CAPS ? answer.device_caps : answer.capabilities;
    capability->captures = (flags & V4L2_CAP_VIDEO_CAPTURE) != 0 && (flags & V4L2_CAP_STREAMING) != 0;
    return 0;
}

int cv4_device_number(int descriptor, uint32_t *major_number, uint32_t *minor_number) {
    struct stat status;
    if (fstat(descriptor, &status) == -1) return -errno;
    *major_number = major(status.st_rdev);
    *minor_number = minor(status.st_rdev);
    return 0;
}

int cv4_offered_format(int descriptor, uint32_t index, uint32_t *fourcc) {
    struct v4l2_fmtdesc answer = {.index = index, .type = capture};
    int status = call(descriptor, VIDIOC_ENUM_FMT, &answer);
    if (status == 0) *fourcc = answer.pixelformat;
    return status;
}

static int negotiate(int descriptor, unsigned long request, cv4_format *format) {
    struct v4l2_format answer = {.type = capture};
    answer.fmt.pix.pixelformat = format->fourcc;
    answer.fmt.pix.width = format->width;
    answer.fmt.pix.height = format->height;
    answer.fmt.pix.field = V4L2_FIELD_NONE;
    int status = call(descriptor, request, &answer);
    if (status != 0) return status;
    format->fourcc = answer.fmt.pix.pixelformat;
    format->width = answer.fmt.pix.width;
    format->height = answer.fmt.pix.height;
    format->stride = answer.fmt.pix.bytesperline;
    return 0;
}

int cv4_try_format(int descriptor, cv4_format *format) { return negotiate(descriptor, VIDIOC_TRY_FMT, format); }
int cv4_set_format(int descriptor, cv4_format *format) { return negotiate(descriptor, VIDIOC_S_FMT, format); }

int cv4_set_frame_interval(int descriptor, uint32_t numerator, uint32_t denominator) {
    struct v4l2_streamparm parameters = {.type = capture};
    parameters.parm.capture.timeperframe.numerator = numerator;
    parameters.parm.capture.timeperframe.denominator = denominator;
    return call(descriptor, VIDIOC_S_PARM, &parameters);
}

int cv4_set_control(int descriptor, uint32_t identifier, int32_t value) {
    struct v4l2_control control = {.id = identifier, .value = value};
    return call(descriptor, VIDIOC_S_CTRL, &control);
}

int cv4_try_control(int descriptor, uint32_t identifier, int32_t value) {
    struct v4l2_ext_control control = {.id = identifier, .value = value};
    struct v4l2_ext_controls controls = {.which = V4L2_CTRL_WHICH_CUR_VAL, .count = 1, .controls = &control};
    return call(descriptor, VIDIOC_TRY_EXT_CTRLS, &controls);
}

int cv4_get_control(int descriptor, uint32_t identifier, int32_t *value) {
    struct v4l2_control control = {.id = identifier};
    int status = call(descriptor, VIDIOC_G_CTRL, &control);
    if (status == 0) *value = control.value;
    return status;
}

int cv4_default_control(int descriptor, uint32_t identifier, int32_t *value) {
    struct v4l2_queryctrl control = {.id = identifier};
    int status = call(descriptor, VIDIOC_QUERYCTRL, &control);
    if (status == 0) *value = control.default_value;
    return status;
}

int cv4_request_buffers(int descriptor, uint32_t *count) {
    struct v4l2_requestbuffers request = {.count = *count, .type = capture, .memory = V4L2_MEMORY_MMAP};
    int status = call(descriptor, VIDIOC_REQBUFS, &request);
    if (status == 0) *count = request.count;
    return status;
}

int cv4_query_buffer(int descriptor, uint32_t index, uint32_t *offset, uint32_t *length) {
    struct v4l2_buffer answer = {.index = index, .type = capture, .memory = V4L2_MEMORY_MMAP};
    int status = call(descriptor, VIDIOC_QUERYBUF, &answer);
    if (status != 0) return status;
    *offset = answer.m.offset;
    *length = answer.length;
    return 0;
}

int cv4_queue(int descriptor, uint32_t index) {
    struct v4l2_buffer buffer = {.index = index, .type = capture, .memory = V4L2_MEMORY_MMAP};
    return call(descriptor, VIDIOC_QBUF, &buffer);
}

// -1 for what no clock says.
static int64_t nanoseconds(struct timeval time) {
    int is_time = time.tv_sec >= 0 && time.tv_sec < INT64_MAX / 1000000000 && time.tv_usec >= 0
        && time.tv_usec < 1000000;
    return is_time ? time.tv_sec * INT64_C(1000000000) + time.tv_usec * INT64_C(1000) : -1;
}

int cv4_dequeue(int descriptor, cv4_buffer *buffer) {
    struct v4l2_buffer answer = {.type = capture, .memory = V4L2_MEMORY_MMAP};
    int status = call(descriptor, VIDIOC_DQBUF, &answer);
    if (status != 0) return status;
    int is_monotonic = (answer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->index = answer.index;
    buffer->bytes_used = answer.bytesused;
    buffer->sequence = answer.sequence;
    buffer->is_broken = (answer.flags & V4L2_BUF_FLAG_ERROR) != 0;
    buffer->timestamp = is_monotonic ? nanoseconds(answer.timestamp) : -1;
    return 0;
}

int cv4_start_streaming(int descriptor) {
    int type = capture;
    return call(descriptor, VIDIOC_STREAMON, &type);
}

int cv4_stop_streaming(int descriptor) {
    int type = capture;
    return call(descriptor, VIDIOC_STREAMOFF, &type);
}

int cv4_wait(int descriptor, int milliseconds) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
    int count = poll(&wanted, 1, milliseconds);
    // An interrupted wait counts as an early timeout: the caller looks at the clock and waits again.
    if (count == -1) return errno == EINTR ? 0 : -errno;
    return count;
}
