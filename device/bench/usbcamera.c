// A USB camera in user space: plays Motion JPEG to the kernel's own uvcvideo driver.
//
// usage: usbcamera WIDTHxHEIGHT FRAMES-PER-SECOND SERIAL [truncated]
//
// Each frame comes on standard input, as its size in four bytes, the lowest first, and the picture; their end unplugs
// the camera, as does that of the process. Speaks USB Video Class 1.0 through /dev/raw-gadget on the emulated controller dummy_udc.0. The frames go over a
// bulk endpoint, since that controller has no isochronous transfers.
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/raw_gadget.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// What raw-gadget takes at once, and what the camera names as its largest payload.
enum { payload_size = 4096, header_size = 2, packet_size = 512, endpoint_address = 0x81 };
enum { video_control = 0, video_streaming = 1 };
// Parts of the camera.
enum { sensor = 1, processing = 3 };
enum {
    set_current = 0x01, get_current = 0x81, get_minimum, get_maximum, get_resolution, get_length, get_information,
    get_default,
};

static int gadget;
static int endpoint = -1;
static unsigned width, height, rate;
static const char *serial;
static bool truncates;

static _Noreturn void die(const char *what) {
    perror(what);
    exit(1);
}

static void need(int result, const char *what) {
    if (result < 0) die(what);
}

// MARK: Frames

struct transfer {
    struct usb_raw_ep_io head;
    uint8_t bytes[payload_size];
};

static void receive(uint8_t *bytes, size_t count) {
    for (size_t have = 0; have < count;) {
        ssize_t part = read(STDIN_FILENO, bytes + have, count - have);
        if (part == 0) exit(0);
        if (part < 0 && errno != EINTR) die("standard input");
        if (part > 0) have += part;
    }
}

static void send_payload(const uint8_t *bytes, size_t count, uint8_t flags) {
    static struct transfer transfer;
    transfer.bytes[0] = header_size;
    transfer.bytes[1] = flags;
    memcpy(transfer.bytes + header_size, bytes, count);
    size_t total = count + header_size;
    transfer.head.ep = endpoint;
    transfer.head.length = total;
    // A payload shorter than the largest ends with a packet that is not full.
    transfer.head.flags = total < payload_size && total % packet_size == 0 ? USB_RAW_IO_FLAGS_ZERO : 0;
    while (ioctl(gadget, USB_RAW_IOCTL_EP_WRITE, &transfer) < 0) {
        if (errno != EINTR && errno != ESHUTDOWN) die("EP_WRITE");
        usleep(10000);
    }
}

static void send_picture(const uint8_t *bytes, size_t count, uint8_t frame_bit) {
    const uint8_t end_of_header = 0x80, end_of_frame = 0x02;
    for (size_t sent = 0; sent < count;) {
        size_t part = count - sent;
        if (part > payload_size - header_size) part = payload_size - header_size;
        bool is_last = sent + part == count;
        send_payload(bytes + sent, part, end_of_header | frame_bit | (is_last ? end_of_frame : 0));
        sent += part;
    }
}

static int64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

// Plays what comes, at most at its rate, as fast as the host reads.
static _Noreturn void *stream(void *unused) {
    (void)unused;
    static uint8_t picture[1 << 22];
    int64_t due = nanoseconds();
    for (uint8_t frame_bit = 0;; frame_bit ^= 1) {
        uint8_t head[4];
        receive(head, sizeof head);
        size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        if (size > sizeof picture) exit(65);
        receive(picture, size);
        if (truncates) size /= 2;
        send_picture(picture, size, frame_bit);
        due += INT64_C(1000000000) / rate;
        int64_t now = nanoseconds();
        if (due < now) due = now;
        struct timespec until = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
    }
}

// MARK: What the camera says of itself

#define LE16(value) (uint8_t)(value), (uint8_t)((value) >> 8)
#define LE32(value) LE16(value), LE16((value) >> 16)

struct answer {
    size_t count;
    uint8_t bytes[512];
};

static void append(struct answer *answer, const uint8_t *bytes, size_t count) {
    memcpy(answer->bytes + answer->count, bytes, count);
    answer->count += count;
}
#define APPEND(answer, ...) append(answer, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static uint32_t interval(void) { return 10000000 / rate; }
static uint32_t largest_frame(void) { return width * height * 2; }

static void describe_device(struct answer *answer) {
    // Interfaces are grouped; vendor and product are pid.codes' for tests.
    APPEND(answer, 18, USB_DT_DEVICE, LE16(0x200), 0xEF, 2, 1, 64, LE16(0x1209), LE16(0x0001), LE16(0x100), 1, 2, 3, 1);
}

static void describe_configuration(struct answer *answer) {
    APPEND(answer, 9, USB_DT_CONFIG, LE16(0), 2, 1, 0, 0x80, 50);
    APPEND(answer, 8, USB_DT_INTERFACE_ASSOCIATION, video_control, 2, 0x0E, 3, 0, 2);

    APPEND(answer, 9, USB_DT_INTERFACE, video_control, 0, 0, 0x0E, 1, 0, 2);
    APPEND(answer, 13, 0x24, 1, LE16(0x100), LE16(13 + 18 + 11 + 9), LE32(48000000), 1, video_streaming);
    // The sensor, the processing behind it, and the stream they feed; a bit stands for each control.
    APPEND(answer, 18, 0x24, 2, sensor, LE16(0x201), 0, 0, 0, 0, 0, 0, 0, 0, 3, 0x0E, 0, 0);
    APPEND(answer, 11, 0x24, 5, processing, sensor, LE16(0), 2, LE16(0x0600), 0);
    APPEND(answer, 9, 0x24, 3, 2, LE16(0x101), 0, processing, 0);

    APPEND(answer, 9, USB_DT_INTERFACE, video_streaming, 0, 1, 0x0E, 2, 0, 0);
    APPEND(answer, 14, 0x24, 1, 1, LE16(14 + 11 + 30 + 6), endpoint_address, 0, 2, 0, 0, 0, 1, 0);
    // Motion JPEG in one size at one rate, in sRGB.
    APPEND(answer, 11, 0x24, 6, 1, 1, 1, 1, 0, 0, 0, 0);
    uint32_t bits = largest_frame() * rate * 8;
    APPEND(answer, 30, 0x24, 7, 1, 0, LE16(width), LE16(height), LE32(bits), LE32(bits), LE32(largest_frame()),
           LE32(interval()), 1, LE32(interval()));
    APPEND(answer, 6, 0x24, 0x0D, 1, 1, 4);
    APPEND(answer, 7, USB_DT_ENDPOINT, endpoint_address, USB_ENDPOINT_XFER_BULK, LE16(packet_size), 0);
    answer->bytes[2] = (uint8_t)answer->count;
    answer->bytes[3] = (uint8_t)(answer->count >> 8);
}

static void describe_string(struct answer *answer, unsigned index) {
    const char *texts[] = {NULL, "portraitd", "Virtual outlet", serial};
    if (index == 0) APPEND(answer, 4, USB_DT_STRING, LE16(0x409));
    if (index == 0 || index > 3) return;
    APPEND(answer, (uint8_t)(2 + 2 * strlen(texts[index])), USB_DT_STRING);
    for (const char *letter = texts[index]; *letter; letter++) APPEND(answer, (uint8_t)*letter, 0);
}

// The only settings of the stream, as UVC's probe and commit controls carry them.
static void describe_stream(struct answer *answer) {
    APPEND(answer, LE16(1), 1, 1, LE32(interval()), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LE32(largest_frame()),
           LE32(payload_size));
}

// MARK: Controls

// A control of the camera; automatic exposure has a bit for each mode in place of a range.
struct control {
    uint8_t unit, selector, size;
    uint32_t minimum, maximum, resolution, initial, value;
};

static struct control controls[] = {
    {sensor, 2, 1, 0, 0, 0x09, 0x08, 0x08},     // exposure: by hand or automatic
    {sensor, 3, 1, 0, 1, 1, 0, 0},              // exposure may lower the rate
    {sensor, 4, 4, 1, 10000, 1, 156, 156},      // exposure time in units of 0.1 ms
    {processing, 4, 2, 0, 255, 1, 0, 0},        // gain
    {processing, 5, 1, 0, 2, 1, 2, 2},          // power-line frequency: off, 50 Hz, 60 Hz
};

static struct control *named_control(const struct usb_ctrlrequest *request) {
    for (size_t index = 0; index < sizeof controls / sizeof *controls; index++) {
        struct control *control = &controls[index];
        if (control->unit == request->wIndex >> 8 && control->selector == request->wValue >> 8) return control;
    }
    return NULL;
}

static bool answer_control(const struct usb_ctrlrequest *request, struct answer *answer) {
    const struct control *control = named_control(request);
    if (!control) return false;
    uint32_t value;
    switch (request->bRequest) {
    case get_length: APPEND(answer, LE16(control->size)); return true;
    case get_information: APPEND(answer, 3); return true;
    case get_current: value = control->value; break;
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

// MARK: Control requests

static void take_configuration(void) {
    struct usb_endpoint_descriptor descriptor = {
        .bLength = USB_DT_ENDPOINT_SIZE,
        .bDescriptorType = USB_DT_ENDPOINT,
        .bEndpointAddress = endpoint_address,
        .bmAttributes = USB_ENDPOINT_XFER_BULK,
        .wMaxPacketSize = packet_size,
    };
    if (endpoint < 0) need(endpoint = ioctl(gadget, USB_RAW_IOCTL_EP_ENABLE, &descriptor), "EP_ENABLE");
    need(ioctl(gadget, USB_RAW_IOCTL_VBUS_DRAW, 50), "VBUS_DRAW");
    need(ioctl(gadget, USB_RAW_IOCTL_CONFIGURE, 0), "CONFIGURE");
}

static void begin_streaming(void) {
    static pthread_t thread;
    static bool is_streaming;
    if (is_streaming) return;
    is_streaming = true;
    if (pthread_create(&thread, NULL, stream, NULL) != 0) die("pthread_create");
}

// Fills in the answer to a request to the host; false when the camera does not know it.
static bool answer_request(const struct usb_ctrlrequest *request, struct answer *answer) {
    if (request->bRequestType == (USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)) {
        if ((request->wIndex & 0xFF) != video_streaming) return answer_control(request, answer);
        switch (request->bRequest) {
        case get_length: APPEND(answer, LE16(26)); break;
        case get_information: APPEND(answer, 3); break;
        default: describe_stream(answer);
        }
        return true;
    }
    switch (request->bRequest) {
    case USB_REQ_GET_DESCRIPTOR:
        switch (request->wValue >> 8) {
        case USB_DT_DEVICE: describe_device(answer); break;
        case USB_DT_CONFIG: describe_configuration(answer); break;
        case USB_DT_STRING: describe_string(answer, request->wValue & 0xFF); break;
        }
        return answer->count > 0;
    case USB_REQ_GET_INTERFACE: APPEND(answer, 0); return true;
    }
    return false;
}

// Takes a request from the host; false when the camera does not know it.
static bool obey_request(const struct usb_ctrlrequest *request) {
    if (request->bRequestType == (USB_TYPE_CLASS | USB_RECIP_INTERFACE))
        return request->bRequest == set_current &&
               ((request->wIndex & 0xFF) == video_streaming || named_control(request));
    return request->bRequest == USB_REQ_SET_CONFIGURATION || request->bRequest == USB_REQ_SET_INTERFACE;
}

static void handle(const struct usb_ctrlrequest *request) {
    struct transfer transfer = {0};
    bool is_known;
    if (request->bRequestType & USB_DIR_IN) {
        struct answer answer = {0};
        is_known = answer_request(request, &answer);
        transfer.head.length = answer.count < request->wLength ? answer.count : request->wLength;
        memcpy(transfer.bytes, answer.bytes, transfer.head.length);
        if (is_known) ioctl(gadget, USB_RAW_IOCTL_EP0_WRITE, &transfer);
    } else {
        is_known = obey_request(request);
        bool is_class = (request->bRequestType & USB_TYPE_MASK) == USB_TYPE_CLASS;
        struct control *control = is_class ? named_control(request) : NULL;
        bool is_commit = is_class && (request->wIndex & 0xFF) == video_streaming && request->wValue >> 8 == 2;
        if (is_known && !is_class && request->bRequest == USB_REQ_SET_CONFIGURATION) take_configuration();
        transfer.head.length = request->wLength < payload_size ? request->wLength : payload_size;
        if (is_known) ioctl(gadget, USB_RAW_IOCTL_EP0_READ, &transfer);
        if (is_known && control) {
            control->value = 0;
            for (size_t index = control->size; index-- > 0;)
                control->value = control->value << 8 | transfer.bytes[index];
        }
        if (is_known && is_commit) begin_streaming();
    }
    if (!is_known) ioctl(gadget, USB_RAW_IOCTL_EP0_STALL, 0);
}

int main(int count, char **words) {
    if (count < 4 || count > 5 || sscanf(words[1], "%ux%u", &width, &height) != 2 || sscanf(words[2], "%u", &rate) != 1 ||
        rate == 0 || strlen(words[3]) > 60) {
        fputs("usage: usbcamera WIDTHxHEIGHT FRAMES-PER-SECOND SERIAL [truncated]\n", stderr);
        return 64;
    }
    serial = words[3];
    truncates = count == 5;

    need(gadget = open("/dev/raw-gadget", O_RDWR), "/dev/raw-gadget");
    struct usb_raw_init init = {.driver_name = "dummy_udc", .device_name = "dummy_udc.0", .speed = USB_SPEED_HIGH};
    need(ioctl(gadget, USB_RAW_IOCTL_INIT, &init), "INIT");
    need(ioctl(gadget, USB_RAW_IOCTL_RUN, 0), "RUN");
    for (;;) {
        struct {
            struct usb_raw_event event;
            struct usb_ctrlrequest request;
        } next = {.event.length = sizeof next.request};
        if (ioctl(gadget, USB_RAW_IOCTL_EVENT_FETCH, &next) < 0) {
            if (errno == EINTR) continue;
            die("EVENT_FETCH");
        }
        if (next.event.type == USB_RAW_EVENT_CONTROL) handle(&next.request);
    }
}
