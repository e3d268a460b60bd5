#include "description.h"

#include <string.h>

// Parts of the camera.
enum { sensor = 1, processing = 3 };

// MARK: Descriptors

#define LE16(value) (uint8_t)(value), (uint8_t)((value) >> 8)
#define LE32(value) LE16(value), LE16((value) >> 16)

static void append(struct answer *answer, const uint8_t *bytes, size_t count) {
    memcpy(answer->bytes + answer->count, bytes, count);
    answer->count += count;
}
#define APPEND(answer, ...) append(answer, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static uint32_t interval(const struct camera *camera) { return 10000000 / camera->rate; }
static uint32_t largest_frame(const struct camera *camera) { return camera->width * camera->height * 2; }

static void describe_device(struct answer *answer) {
    // Interfaces are grouped; vendor and product are pid.codes' for tests.
    APPEND(answer, 18, USB_DT_DEVICE, LE16(0x200), 0xEF, 2, 1, 64, LE16(0x1209), LE16(0x0001), LE16(0x100), 1, 2, 3, 1);
}

// One format in one size at one rate.
static void describe_format(const struct camera *camera, struct answer *answer) {
    // Of a class-specific interface; the kinds of a frame follow those of their format.
    enum { class_interface = 0x24, uncompressed = 4, motion_jpeg = 6 };
    uint8_t kind = camera->bits_per_pixel ? uncompressed : motion_jpeg;
    if (kind == motion_jpeg)
        APPEND(answer, 11, class_interface, kind, 1, 1, 1, 1, 0, 0, 0, 0);
    else
        APPEND(answer, 27, class_interface, kind, 1, 1, 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38,
               0x9B, 0x71, (uint8_t)camera->bits_per_pixel, 1, 0, 0, 0, 0);
    uint32_t bits = largest_frame(camera) * camera->rate * 8;
    APPEND(answer, 30, class_interface, kind + 1, 1, 0, LE16(camera->width), LE16(camera->height), LE32(bits),
           LE32(bits), LE32(largest_frame(camera)), LE32(interval(camera)), 1, LE32(interval(camera)));
    // In sRGB.
    APPEND(answer, 6, class_interface, 0x0D, 1, 1, 4);
}

static void describe_configuration(const struct camera *camera, struct answer *answer) {
    APPEND(answer, 9, USB_DT_CONFIG, LE16(0), 2, 1, 0, 0x80, 50);
    APPEND(answer, 8, USB_DT_INTERFACE_ASSOCIATION, video_control, 2, 0x0E, 3, 0, 2);

    APPEND(answer, 9, USB_DT_INTERFACE, video_control, 0, 0, 0x0E, 1, 0, 2);
    APPEND(answer, 13, 0x24, 1, LE16(0x100), LE16(13 + 18 + 11 + 9), LE32(48000000), 1, video_streaming);
    // The sensor, the processing behind it, and the stream they feed; a bit stands for each control.
    APPEND(answer, 18, 0x24, 2, sensor, LE16(0x201), 0, 0, 0, 0, 0, 0, 0, 0, 3, 0x0E, 0, 0);
    APPEND(answer, 11, 0x24, 5, processing, sensor, LE16(0), 2, LE16(0x0600), 0);
    APPEND(answer, 9, 0x24, 3, 2, LE16(0x101), 0, processing, 0);

    APPEND(answer, 9, USB_DT_INTERFACE, video_streaming, 0, 1, 0x0E, 2, 0, 0);
    struct answer format = {0};
    describe_format(camera, &format);
    APPEND(answer, 14, 0x24, 1, 1, LE16(14 + format.count), endpoint_address, 0, 2, 0, 0, 0, 1, 0);
    append(answer, format.bytes, format.count);
    APPEND(answer, 7, USB_DT_ENDPOINT, endpoint_address, USB_ENDPOINT_XFER_BULK, LE16(packet_size), 0);
    answer->bytes[2] = (uint8_t)answer->count;
    answer->bytes[3] = (uint8_t)(answer->count >> 8);
}

static void describe_string(const struct camera *camera, struct answer *answer, unsigned index) {
    const char *texts[] = {NULL, "portraitd", "Virtual outlet", camera->serial};
    if (index == 0) APPEND(answer, 4, USB_DT_STRING, LE16(0x409));
    if (index == 0 || index > 3) return;
    APPEND(answer, (uint8_t)(2 + 2 * strlen(texts[index])), USB_DT_STRING);
    for (const char *letter = texts[index]; *letter; letter++) APPEND(answer, (uint8_t)*letter, 0);
}

// The only settings of the stream, as UVC's probe and commit controls carry them.
static void describe_stream(const struct camera *camera, struct answer *answer) {
    APPEND(answer, LE16(1), 1, 1, LE32(interval(camera)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
           LE32(largest_frame(camera)), LE32(camera->payload_size));
}

// MARK: Controls

static struct control controls[] = {
    {sensor, 2, 1, 0, 0, 0x09, 0x01, 0x08, 0},  // exposure: automatic, but by default by hand, as some say
    {sensor, 3, 1, 0, 1, 1, 0, 0, 0},           // exposure may lower the rate
    {sensor, 4, 4, 1, 10000, 1, 156, 156, 120}, // exposure time in units of 0.1 ms
    {processing, 4, 2, 0, 255, 1, 0, 0, 0},     // gain
    {processing, 5, 1, 0, 2, 1, 2, 2, 0},       // power-line frequency: off, 50 Hz, 60 Hz
};

struct control *named_control(const struct usb_ctrlrequest *request) {
    for (size_t index = 0; index < sizeof controls / sizeof *controls; index++) {
        struct control *control = &controls[index];
        if (control->unit == request->wIndex >> 8 && control->selector == request->wValue >> 8) return control;
    }
    return NULL;
}

static bool answer_control(const struct usb_ctrlrequest *request, struct answer *answer) {
    const struct control *control = named_control(request);
    if (!control) return false;
    const bool is_automatic = controls[0].value != 1;
    uint32_t value;
    switch (request->bRequest) {
    case get_length: APPEND(answer, LE16(control->size)); return true;
    // Read and set; with the fourth bit it changes by itself, so that the host asks each time.
    case get_information: APPEND(answer, control->found ? 0x0B : 0x03); return true;
    case get_current: value = control->found && is_automatic ? control->found : control->value; break;
    case get_minimum: value = control->minimum; break;
    case get_maximum: value = control->maximum; break;
    case get_resolution: value = control->resolution; break;
    case get_default: value = control->initial; break;
    default: return false;
    }
    const uint8_t bytes[] = {LE32(value)};
    append(answer, bytes, control->size);
    return true;
}

// MARK: Requests

bool answer_request(const struct camera *camera, const struct usb_ctrlrequest *request, struct answer *answer) {
    if (request->bRequestType == (USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)) {
        if ((request->wIndex & 0xFF) != video_streaming) return answer_control(request, answer);
        switch (request->bRequest) {
        case get_length: APPEND(answer, LE16(26)); break;
        case get_information: APPEND(answer, 3); break;
        default: describe_stream(camera, answer);
        }
        return true;
    }
    switch (request->bRequest) {
    case USB_REQ_GET_DESCRIPTOR:
        switch (request->wValue >> 8) {
        case USB_DT_DEVICE: describe_device(answer); break;
        case USB_DT_CONFIG: describe_configuration(camera, answer); break;
        case USB_DT_STRING: describe_string(camera, answer, request->wValue & 0xFF); break;
        }
        return answer->count > 0;
    case USB_REQ_GET_INTERFACE: APPEND(answer, 0); return true;
    }
    return false;
}
