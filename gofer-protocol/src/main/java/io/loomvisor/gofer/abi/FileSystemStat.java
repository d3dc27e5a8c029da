package io.loomvisor.gofer.abi;

/** What statfs(2) reports; block counts are in units of {@code blockSize}. */
public record FileSystemStat(
    long type,
    long blockSize,
    long blocks,
    long blocksFree,
    long blocksAvailable,
    long files,
    long filesFree,
    long fsid,
    long nameLength,
    long fragmentSize,
    long flags) {}
