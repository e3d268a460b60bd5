#pragma once
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>

// A libjpeg memory manager that carves from the caller's block and forgets everything after each picture.
typedef struct cjpg_workspace {
    struct jpeg_memory_mgr manager;
    struct jpeg_memory_mgr *original;
    unsigned char *start;
    size_t size;
    size_t used;
} cjpg_workspace;

// Replaces the manager of a codec that has allocated all it keeps from picture to picture.
void cjpg_workspace_attach(cjpg_workspace *workspace, j_common_ptr codec, void *start, size_t size);

// Puts libjpeg's manager back before the codec is destroyed.
void cjpg_workspace_detach(cjpg_workspace *workspace, j_common_ptr codec);
