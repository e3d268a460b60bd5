// A USB camera in user space: plays Motion JPEG to the kernel's own uvcvideo driver.
//
// usage: usbcamera WIDTHxHEIGHT FRAMES-PER-SECOND SERIAL [truncated | BITS-PER-PIXEL]
//
// Each frame comes on standard input, as its size in four bytes, the lowest first, and the picture; their end unplugs
// the camera, as does that of the process. Speaks USB Video Class 1.0 through /dev/raw-gadget on the emulated
// controller dummy_udc.0. The frames go over a bulk endpoint, since that controller has no isochronous transfers.
//
// It breaks on request: pictures that end too early, or grey ones as YUYV of which it claims other bits than 16.
#include "description.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/raw_gadget.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// What raw-gadget takes at once, and what the camera names as its largest payload.
enum { payload_size = 4096, header_size = 2 };

static int gadget;
static int endpoint = -1;
static struct camera camera = {.payload_size = payload_size};
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

// Plays what comes, at most at its rate: what comes sooner is left out, since a frame that waited would show lights
// that are no longer lit.
static _Noreturn void *stream(void *unused) {
    (void)unused;
    static uint8_t picture[1 << 22];
    const int64_t interval = 1000000000 / camera.rate, tolerance = 15000000;
    int64_t due = nanoseconds();
    for (uint8_t frame_bit = 0;;) {
        uint8_t head[4];
        receive(head, sizeof head);
        size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        if (size > sizeof picture) exit(65);
        receive(picture, size);
        int64_t now = nanoseconds();
        if (now + tolerance < due) continue;
        due = (due + interval < now ? now : due) + interval;
        if (truncates) size /= 2;
        if (camera.bits_per_pixel) {
            size = 2 * camera.width * camera.height;
            memset(picture, 0x80, size);
        }
        send_picture(picture, size, frame_bit);
        frame_bit ^= 1;
    }
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
        is_known = answer_request(&camera, request, &answer);
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
    bool is_sized = count > 1 && sscanf(words[1], "%ux%u", &camera.width, &camera.height) == 2;
    bool is_timed = count > 2 && sscanf(words[2], "%u", &camera.rate) == 1 && camera.rate > 0;
    truncates = count == 5 && strcmp(words[4], "truncated") == 0;
    bool is_fit = count == 4 || truncates || (count == 5 && sscanf(words[4], "%u", &camera.bits_per_pixel) == 1);
    if (!is_sized || !is_timed || !is_fit || strlen(words[3]) > 60) {
        fputs("usage: usbcamera WIDTHxHEIGHT FRAMES-PER-SECOND SERIAL [truncated | BITS-PER-PIXEL]\n", stderr);
        return 64;
    }
    camera.serial = words[3];
    // No frame is to wait there.
    need(fcntl(STDIN_FILENO, F_SETPIPE_SZ, payload_size), "standard input");

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
