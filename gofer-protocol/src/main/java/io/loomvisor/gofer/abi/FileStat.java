package io.loomvisor.gofer.abi;

/**
 * The attributes of a file as stat(2) and statx(2) report them. Device numbers are in Linux's
 * 64-bit {@code dev_t} form.
 *
 * @param blocks units of 512 bytes
 */
public record FileStat(
    long dev,
    long ino,
    int mode,
    long nlink,
    int uid,
    int gid,
    long rdev,
    long size,
    int blockSize,
    long blocks,
    FileTime atime,
    FileTime mtime,
    FileTime ctime,
    FileTime btime) {}
