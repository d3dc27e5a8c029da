package io.loomvisor.gofer.abi;

/**
 * A change of attributes (chmod, chown, truncate, utimensat). A null component is left as it is.
 *
 * @param mode permission bits only
 */
public record SetAttributes(
    Integer mode, Integer uid, Integer gid, Long size, FileTime atime, FileTime mtime) {
  public static SetAttributes ofMode(int mode) {
    return new SetAttributes(mode, null, null, null, null, null);
  }

  public static SetAttributes ofSize(long size) {
    return new SetAttributes(null, null, null, size, null, null);
  }

  public static SetAttributes ofTimes(FileTime atime, FileTime mtime) {
    return new SetAttributes(null, null, null, null, atime, mtime);
  }

  public static SetAttributes ofOwner(Integer uid, Integer gid) {
    return new SetAttributes(null, uid, gid, null, null, null);
  }
}
