#include "cv4lconvert.h"
#include <errno.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <stdlib.h>
#include <string.h>

// In half-bytes per pixel: a frame, and a row of its first plane. libv4lconvert turns each of these into 4:2:0 in one
// step, without a buffer of its own and without writing to the source. Formats for which it takes detours stay out:
// they leave pixels on the ordinary heap, and 10-bit Bayer crashes when the source is read-only. RGB565 stays out
// too: version 1.22 gets its colours wrong.
static const struct {
    uint32_t fourcc;
    uint32_t half_bytes;
    uint32_t row_half_bytes;
} sources[] = {
    {V4L2_PIX_FMT_UYVY, 4, 4},   {V4L2_PIX_FMT_YVYU, 4, 4},   {V4L2_PIX_FMT_YUV420, 3, 2},
    {V4L2_PIX_FMT_YVU420, 3, 2}, {V4L2_PIX_FMT_RGB24, 6, 6},  {V4L2_PIX_FMT_BGR24, 6, 6},
    {V4L2_PIX_FMT_SBGGR8, 2, 2}, {V4L2_PIX_FMT_SGBRG8, 2, 2}, {V4L2_PIX_FMT_SGRBG8, 2, 2},
    {V4L2_PIX_FMT_SRGGB8, 2, 2},
};

struct cvc_converter {
    struct v4lconvert_data *data;
    struct v4l2_format source;
    struct v4l2_format target;
};

// Answers every question as a device with one native format would, so that the library adds nothing of its own.
static int answer(void *context, int descriptor, unsigned long request, void *argument) {
    (void)context;
    (void)descriptor;
    struct v4l2_fmtdesc *format = argument;
    if (request == VIDIOC_ENUM_FMT && format->index == 0) {
        format->pixelformat = v4l2_fourcc('N', 'O', 'N', 'E');
        return 0;
    }
    errno = EINVAL;
    return -1;
}

static const struct libv4l_dev_ops no_device = {.ioctl = answer};

static int place_of(uint32_t fourcc) {
    for (size_t place = 0; place < sizeof sources / sizeof *sources; place++)
        if (sources[place].fourcc == fourcc) return (int)place;
    return -1;
}

size_t cvc_source_size(uint32_t fourcc, uint32_t width, uint32_t height) {
    int place = place_of(fourcc);
    if (place < 0 || width > 16384 || height > 16384) return 0;
    return (size_t)width * height * sources[place].half_bytes / 2;
}

size_t cvc_row_size(uint32_t fourcc, uint32_t width) {
    int place = place_of(fourcc);
    return place < 0 ? 0 : (size_t)width * sources[place].row_half_bytes / 2;
}

cvc_converter *cvc_create(uint32_t fourcc, uint32_t width, uint32_t height) {
    size_t size = cvc_source_size(fourcc, width, height);
    if (size == 0 || width % 2 != 0 || height % 2 != 0) return NULL;
    cvc_converter *converter = calloc(1, sizeof *converter);
    if (converter == NULL) return NULL;
    struct v4l2_pix_format *source = &converter->source.fmt.pix;
    struct v4l2_pix_format *target = &converter->target.fmt.pix;
    converter->source.type = converter->target.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    source->width = target->width = width;
    source->height = target->height = height;
    source->field = target->field = V4L2_FIELD_NONE;
    source->pixelformat = fourcc;
    source->bytesperline = (uint32_t)cvc_row_size(fourcc, width);
    source->sizeimage = (uint32_t)size;
    target->pixelformat = V4L2_PIX_FMT_YUV420;
    target->bytesperline = width;
    target->sizeimage = width * height * 3 / 2;
    converter->data = v4lconvert_create_with_dev_ops(-1, NULL, &no_device);
    if (converter->data == NULL) {
        free(converter);
        return NULL;
    }
    return converter;
}

void cvc_destroy(cvc_converter *converter) {
    v4lconvert_destroy(converter->data);
    free(converter);
}

int cvc_convert(cvc_converter *converter, const uint8_t *source, uint8_t *scratch, uint8_t *output) {
    const struct v4l2_pix_format *target = &converter->target.fmt.pix;
    int size = (int)target->sizeimage;
    // The library's type is not const; the formats above are only read.
    int written = v4lconvert_convert(converter->data, &converter->source, &converter->target, (uint8_t *)source,
                                     (int)converter->source.fmt.pix.sizeimage, scratch, size);
    if (written != size) return -EIO;
    size_t luma = (size_t)target->width * target->height;
    memcpy(output, scratch, luma);
    const uint8_t *u = scratch + luma;
    const uint8_t *v = u + luma / 4;
    uint8_t *chroma = output + luma;
    for (size_t pixel = 0; pixel < luma / 4; pixel++) {
        chroma[2 * pixel] = u[pixel];
        chroma[2 * pixel + 1] = v[pixel];
    }
    return 0;
}
