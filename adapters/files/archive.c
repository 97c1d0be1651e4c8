/*
 * archive.c - minizip reads the headers, from memory; what it takes silently (bytes between and behind, an
 * end before the told one, ZIP64) is looked at here, and the data are read by zlib to their own end.
 */
#include "adapters/files/archive.h"

#include <minizip/unzip.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/decompress.h"
#include "base/status.h"

enum {
    PIECE = 16 * 1024,
    LOCAL_HEADER = 30, /* bytes without what is of varying length (APPNOTE 4.3.7, 4.3.12, 4.3.16) */
    CENTRAL_HEADER = 46,
    END_RECORD = 22,
    DESCRIPTOR = 12, /* 4.3.9; 4 more with its signature, which nothing tells beforehand */
    SIGNATURE = 4,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_DESCRIPTOR = 1 << 3,
    FLAG_STRONG = 1 << 6,
    FLAG_MASKED = 1 << 13,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    VERSION_DEFLATE = 20,
    VERSION_ZIP64 = 45,
};

/* --- an archive in memory, as minizip asks for a file --------------------------------------------------- */

struct memory_file {
    struct text bytes;
    size_t at;
};

static voidpf open_memory(voidpf file, const void *name, int mode) {
    return file;
}

static uLong read_memory(voidpf context, voidpf stream, void *out, uLong size) {
    struct memory_file *file = context;
    size_t left = file->bytes.length - file->at, length = size < left ? size : left;
    memcpy(out, file->bytes.at + file->at, length);
    file->at += length;
    return length;
}

static uLong write_memory(voidpf context, voidpf stream, const void *bytes, uLong size) {
    return 0;
}

static ZPOS64_T tell_memory(voidpf context, voidpf stream) {
    const struct memory_file *file = context;
    return file->at;
}

static long seek_memory(voidpf context, voidpf stream, ZPOS64_T offset, int origin) {
    struct memory_file *file = context;
    ZPOS64_T from = origin == ZLIB_FILEFUNC_SEEK_CUR   ? file->at
                    : origin == ZLIB_FILEFUNC_SEEK_END ? file->bytes.length
                                                       : 0;
    if (offset > file->bytes.length - from) {
        return -1;
    }
    file->at = (size_t)(from + offset);
    return 0;
}

static int close_memory(voidpf context, voidpf stream) {
    return 0;
}

static int no_error(voidpf context, voidpf stream) {
    return 0;
}

static unzFile open_archive(struct memory_file *file) {
    zlib_filefunc64_def functions = {
        .zopen64_file = open_memory,
        .zread_file = read_memory,
        .zwrite_file = write_memory,
        .ztell64_file = tell_memory,
        .zseek64_file = seek_memory,
        .zclose_file = close_memory,
        .zerror_file = no_error,
        .opaque = file,
    };
    return unzOpen2_64("", &functions);
}

/* --- what may be in it ---------------------------------------------------------------------------------- */

static bool is_plain_name(const char *name) {
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/\\:");
}

static enum file_fault judge_entry(const unz_file_info64 *info, const char *name) {
    if (info->flag & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) {
        return FILE_FAULT_ZIP_ENCRYPTED;
    }
    if (info->compression_method != METHOD_STORED && info->compression_method != METHOD_DEFLATED) {
        return FILE_FAULT_ZIP_METHOD; /* its version may be that of ZIP64, or above it */
    }
    if (info->version_needed > VERSION_DEFLATE) {
        return info->version_needed >= VERSION_ZIP64 ? FILE_FAULT_ZIP64 : FILE_FAULT_ZIP_METHOD;
    }
    if (strlen(name) != info->size_filename || !is_plain_name(name)) {
        return FILE_FAULT_ZIP_NAME;
    }
    return FILE_FAULT_GOOD;
}

/* One file and its headers are all there is: no second directory, nothing before, between and behind. */
static bool is_whole(unzFile archive, const unz_file_info64 *info, const unz_global_info64 *global,
                     struct text bytes, ZPOS64_T data) {
    int extra = unzGetLocalExtrafield(archive, NULL, 0);
    ZPOS64_T before = LOCAL_HEADER + info->size_filename + (extra > 0 ? (ZPOS64_T)extra : 0);
    ZPOS64_T last = END_RECORD + global->size_comment;
    ZPOS64_T told = before + info->compressed_size + CENTRAL_HEADER + info->size_filename
                    + info->size_file_extra + info->size_file_comment + last;
    if (data != before || told > bytes.length
        || memcmp(bytes.at + bytes.length - last, "PK\x05\x06", 4) != 0) {
        return false;
    }
    if (info->flag & FLAG_DESCRIPTOR) {
        size_t end = (size_t)(data + info->compressed_size);
        struct text behind = { bytes.at + end, bytes.length - end };
        told += DESCRIPTOR + (text_starts(behind, "PK\x07\x08") ? SIGNATURE : 0);
    }
    return told == bytes.length;
}

static enum file_fault judge_size(const unz_file_info64 *info, const struct buf *out) {
    if (buf_failed(out)) {
        return FILE_FAULT_ZIP_SIZE;
    }
    if (out->length > info->uncompressed_size) {
        return FILE_FAULT_ZIP_DAMAGED;
    }
    bool too_far =
        out->length > DECOMPRESS_FREE && out->length / DECOMPRESS_RATIO_MAX > info->compressed_size;
    return too_far ? FILE_FAULT_ZIP_RATIO : FILE_FAULT_GOOD;
}

/* To the end of the stream, which must be that of the data, too. minizip would stop where the told size is
 * reached, and another reader might not. */
static enum file_fault inflate_whole(struct text packed, const unz_file_info64 *info, struct buf *out) {
    char piece[PIECE];
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)packed.at, .avail_in = (uInt)packed.length };
    require(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
    enum file_fault fault = FILE_FAULT_GOOD;
    int said = Z_OK;
    while (said == Z_OK && fault == FILE_FAULT_GOOD) {
        stream.next_out = (Bytef *)piece;
        stream.avail_out = sizeof(piece);
        said = inflate(&stream, Z_NO_FLUSH);
        buf_add(out, piece, sizeof(piece) - stream.avail_out);
        fault = judge_size(info, out);
    }
    bool ended = said == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return fault == FILE_FAULT_GOOD && !ended ? FILE_FAULT_ZIP_DAMAGED : fault;
}

static enum file_fault read_data(struct text packed, const unz_file_info64 *info, struct buf *out) {
    enum file_fault fault = FILE_FAULT_GOOD;
    if (info->compression_method == METHOD_DEFLATED) {
        fault = inflate_whole(packed, info, out);
    } else {
        buf_add_text(out, packed);
        fault = judge_size(info, out);
    }
    if (fault != FILE_FAULT_GOOD) {
        return fault;
    }
    bool agrees = out->length == info->uncompressed_size
                  && crc32(0, (const Bytef *)out->at, (uInt)out->length) == info->crc;
    return agrees ? FILE_FAULT_GOOD : FILE_FAULT_ZIP_DAMAGED;
}

static enum file_fault read_entry(unzFile archive, struct text bytes, struct buf *out) {
    unz_global_info64 global;
    unz_file_info64 info;
    char name[FOLDER_NAME_MAX];
    if (unzGetGlobalInfo64(archive, &global) != UNZ_OK) {
        return FILE_FAULT_ZIP_DAMAGED;
    }
    if (global.number_entry != 1) {
        return FILE_FAULT_ZIP_ENTRIES;
    }
    if (unzGoToFirstFile(archive) != UNZ_OK
        || unzGetCurrentFileInfo64(archive, &info, name, sizeof(name), NULL, 0, NULL, 0) != UNZ_OK) {
        return FILE_FAULT_ZIP_DAMAGED;
    }
    name[sizeof(name) - 1] = '\0';
    enum file_fault fault = judge_entry(&info, name);
    if (fault != FILE_FAULT_GOOD) {
        return fault;
    }
    if (unzOpenCurrentFile(archive) != UNZ_OK) {
        return FILE_FAULT_ZIP_DAMAGED;
    }
    ZPOS64_T data = unzGetCurrentFileZStreamPos64(archive);
    bool whole = is_whole(archive, &info, &global, bytes, data);
    unzCloseCurrentFile(archive); /* nothing was read through it */
    struct text packed = { bytes.at + data, (size_t)info.compressed_size };
    return whole ? read_data(packed, &info, out) : FILE_FAULT_ZIP_DAMAGED;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static bool begins_as_one(struct text bytes) {
    return text_starts(bytes, "PK\x03\x04") || text_starts(bytes, "PK\x05\x06");
}

/* Of what minizip does not open: by the version that its first header asks for. */
static bool says_zip64(struct text bytes) {
    return begins_as_one(bytes) && bytes.length > LOCAL_HEADER
           && (unsigned char)bytes.at[SIGNATURE] >= VERSION_ZIP64;
}

/* No file, and nothing else: minizip takes that for no archive. */
static bool is_empty(struct text bytes) {
    static const char none[] = "PK\x05\x06\0\0\0\0\0\0\0\0"; /* of so many disks, so many files */
    return bytes.length == END_RECORD && memcmp(bytes.at, none, sizeof(none) - 1) == 0;
}

bool archive_is_one(const char *name, struct text bytes) {
    size_t length = strlen(name);
    return begins_as_one(bytes) || (length > 4 && strcasecmp(name + length - 4, ".zip") == 0);
}

enum file_fault archive_read(struct text bytes, struct buf *out) {
    struct memory_file file = { .bytes = bytes };
    unzFile archive = begins_as_one(bytes) ? open_archive(&file) : NULL;
    if (!archive) {
        return is_empty(bytes)     ? FILE_FAULT_ZIP_ENTRIES
               : says_zip64(bytes) ? FILE_FAULT_ZIP64
                                   : FILE_FAULT_ZIP_DAMAGED;
    }
    enum file_fault fault = read_entry(archive, bytes, out);
    unzClose(archive);
    return fault == FILE_FAULT_GOOD && begins_as_one(buf_text(out)) ? FILE_FAULT_ZIP_NESTED : fault;
}
