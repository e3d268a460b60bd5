// What the camera says of itself: USB Video Class 1.0 in bytes, without a device behind it.
#pragma once
#include <linux/usb/ch9.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { packet_size = 512, endpoint_address = 0x81 };
enum { video_control = 0, video_streaming = 1 };
// Requests of the class.
enum {
    set_current = 0x01, get_current = 0x81, get_minimum, get_maximum, get_resolution, get_length, get_information,
    get_default,
};

struct camera {
    unsigned width, height, rate;
    const char *serial;
    // What it claims of YUYV, which has 16; 0 where it plays Motion JPEG.
    unsigned bits_per_pixel;
    // The largest payload that it sends.
    unsigned payload_size;
};

struct answer {
    size_t count;
    uint8_t bytes[512];
};

// A control of the camera; automatic exposure has a bit for each mode in place of a range.
struct control {
    uint8_t unit, selector, size;
    uint32_t minimum, maximum, resolution, initial, value;
    // What it tells by itself while exposure is automatic; 0 for what was set.
    uint32_t found;
};

// Fills in the answer to a request to the host; false when the camera does not know it.
bool answer_request(const struct camera *camera, const struct usb_ctrlrequest *request, struct answer *answer);

// The control that a request names, or NULL.
struct control *named_control(const struct usb_ctrlrequest *request);
