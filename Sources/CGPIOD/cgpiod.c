#include "cgpiod.h"
#include <errno.h>
#include <glob.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

struct cgp_request {
    struct gpiod_chip *chip;
    struct gpiod_line_bulk lines;
};

// Not gpiod_chip_open_by_label: that gives up at the first chip which this process may not open, and under systemd's
// DeviceAllow= this is every chip but the right one.
static struct gpiod_chip *open_by_label(const char *label) {
    glob_t found;
    if (glob("/dev/gpiochip*", 0, NULL, &found) != 0) {
        errno = ENODEV;
        return NULL;
    }
    struct gpiod_chip *chip = NULL;
    int failure = ENODEV;
    for (size_t place = 0; place < found.gl_pathc && chip == NULL; place++) {
        chip = gpiod_chip_open(found.gl_pathv[place]);
        if (chip == NULL) {
            if (errno == EACCES || errno == EPERM) failure = errno;
        } else if (strcmp(gpiod_chip_label(chip), label) != 0) {
            gpiod_chip_close(chip);
            chip = NULL;
        }
    }
    globfree(&found);
    errno = failure;
    return chip;
}

static int open_chip(const char *description, struct gpiod_chip **chip) {
    *chip = description[0] == '/' ? gpiod_chip_open(description) : open_by_label(description);
    if (*chip != NULL) return 0;
    // A node that is missing or no GPIO chip (ENOTTY) is the same to the caller: no chip there.
    return errno == ENOENT || errno == ENOTTY || errno == ENXIO ? -ENODEV : -errno;
}

static int find_line(struct gpiod_chip *chip, const char *name, struct gpiod_line **line) {
    errno = ENOENT;
    *line = gpiod_chip_find_line(chip, name);
    return *line == NULL ? -errno : 0;
}

int cgp_inspect(const char *chip_description, const char *name, char consumer[CGP_NAME_SIZE]) {
    struct gpiod_chip *chip;
    int status = open_chip(chip_description, &chip);
    if (status != 0) return status;
    struct gpiod_line *line;
    status = find_line(chip, name, &line);
    if (status == 0) {
        const char *holder = gpiod_line_is_used(line) ? gpiod_line_consumer(line) : "";
        // The kernel also holds lines without saying who: hogs, and pins that serve another purpose.
        strncpy(consumer, holder != NULL ? holder : "the kernel", CGP_NAME_SIZE - 1);
        consumer[CGP_NAME_SIZE - 1] = 0;
    }
    gpiod_chip_close(chip);
    return status;
}

int cgp_hold(const char *chip_description, const char *const *names, unsigned count, const int *values,
             const char *consumer, cgp_request **request) {
    if (count == 0 || count > CGP_MAXIMUM_LINE_COUNT) return -EINVAL;
    cgp_request *held = calloc(1, sizeof *held);
    if (held == NULL) return -ENOMEM;
    int status = open_chip(chip_description, &held->chip);
    if (status != 0) {
        free(held);
        return status;
    }
    gpiod_line_bulk_init(&held->lines);
    for (unsigned place = 0; place < count && status == 0; place++) {
        struct gpiod_line *line;
        status = names[place] == NULL ? -ENOMEM : find_line(held->chip, names[place], &line);
        if (status == 0) gpiod_line_bulk_add(&held->lines, line);
    }
    struct gpiod_line_request_config config = {
        .consumer = consumer,
        .request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
    };
    if (status == 0 && gpiod_line_request_bulk(&held->lines, &config, values) != 0) status = -errno;
    if (status != 0) {
        gpiod_chip_close(held->chip);
        free(held);
        return status;
    }
    *request = held;
    return 0;
}

int cgp_set(cgp_request *request, const int *values) {
    return gpiod_line_set_value_bulk(&request->lines, values) == 0 ? 0 : -errno;
}

int cgp_probe(cgp_request *request) {
    int values[CGP_MAXIMUM_LINE_COUNT];
    return gpiod_line_get_value_bulk(&request->lines, values) == 0 ? 0 : -errno;
}

void cgp_release(cgp_request *request) {
    gpiod_chip_close(request->chip);
    free(request);
}
