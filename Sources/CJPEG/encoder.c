#include "cjpeg.h"
#include "workspace.h"
#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>

struct cjpg_encoder {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    cjpg_workspace workspace;
    jmp_buf escape;
    int quality;
};

static void fail(j_common_ptr info) {
    cjpg_encoder *encoder = info->client_data;
    longjmp(encoder->escape, 1);
}

static void stay_quiet(j_common_ptr info, int level) { (void)info, (void)level; }

static void start_output(j_compress_ptr info) { (void)info; }

static boolean output_is_full(j_compress_ptr info) {
    ERREXIT1(info, JERR_OUT_OF_MEMORY, 4);
    return FALSE;
}

static void end_output(j_compress_ptr info) { (void)info; }

cjpg_encoder *cjpg_encoder_create(void *workspace, size_t size) {
    cjpg_encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) return NULL;
    encoder->info.err = jpeg_std_error(&encoder->errors);
    encoder->errors.error_exit = fail;
    encoder->errors.emit_message = stay_quiet;
    encoder->info.client_data = encoder;
    if (setjmp(encoder->escape)) {
        free(encoder);
        return NULL;
    }
    jpeg_create_compress(&encoder->info);
    encoder->destination = (struct jpeg_destination_mgr){
        .init_destination = start_output,
        .empty_output_buffer = output_is_full,
        .term_destination = end_output,
    };
    encoder->info.dest = &encoder->destination;
    encoder->info.input_components = 3;
    encoder->info.in_color_space = JCS_YCbCr;
    jpeg_set_defaults(&encoder->info);
    encoder->info.raw_data_in = TRUE;
    encoder->info.dct_method = JDCT_ISLOW;
    cjpg_workspace_attach(&encoder->workspace, (j_common_ptr)&encoder->info, workspace, size);
    return encoder;
}

void cjpg_encoder_destroy(cjpg_encoder *encoder) {
    cjpg_workspace_detach(&encoder->workspace, (j_common_ptr)&encoder->info);
    jpeg_destroy_compress(&encoder->info);
    free(encoder);
}

cjpg_status cjpg_encode(
    cjpg_encoder *encoder, const uint8_t *luma, const uint8_t *blue, const uint8_t *red, uint32_t width,
    uint32_t height, uint32_t luma_stride, int quality, uint8_t *output, size_t output_size, size_t *output_count) {
    struct jpeg_compress_struct *info = &encoder->info;
    if (setjmp(encoder->escape)) {
        jpeg_abort_compress(info);
        return CJPG_TOO_LARGE;
    }
    encoder->destination.next_output_byte = output;
    encoder->destination.free_in_buffer = output_size;
    info->image_width = width;
    info->image_height = height;
    if (quality != encoder->quality) jpeg_set_quality(info, quality, TRUE);
    encoder->quality = quality;
    jpeg_start_compress(info, TRUE);

    JSAMPROW luma_rows[16], blue_rows[8], red_rows[8];
    JSAMPARRAY planes[3] = {luma_rows, blue_rows, red_rows};
    while (info->next_scanline < height) {
        for (uint32_t row = 0; row < 16; row++)
            luma_rows[row] = (JSAMPROW)luma + (size_t)(info->next_scanline + row) * luma_stride;
        for (uint32_t row = 0; row < 8; row++) {
            size_t offset = (size_t)(info->next_scanline / 2 + row) * (luma_stride / 2);
            blue_rows[row] = (JSAMPROW)blue + offset;
            red_rows[row] = (JSAMPROW)red + offset;
        }
        jpeg_write_raw_data(info, planes, 16);
    }
    jpeg_finish_compress(info);
    *output_count = output_size - encoder->destination.free_in_buffer;
    return CJPG_OK;
}
