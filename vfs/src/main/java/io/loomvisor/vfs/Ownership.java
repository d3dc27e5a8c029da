package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.FileMode;

/**
 * Whose a new file is (inode(7), "The set-group-ID bit"): the creator's fsuid, and the creator's
 * fsgid or the group of a set-group-ID directory, which new directories inherit with the bit.
 *
 * @param mode type and permissions
 */
public record Ownership(int uid, int gid, int mode) {
  public static Ownership of(int parentMode, int parentGid, int mode, Credentials creator) {
    if ((parentMode & FileMode.S_ISGID) == 0) {
      return new Ownership(creator.fsuid(), creator.fsgid(), mode);
    }
    if (FileMode.isDirectory(mode)) {
      return new Ownership(creator.fsuid(), parentGid, mode | FileMode.S_ISGID);
    }
    boolean executableSetgid = (mode & (FileMode.S_ISGID | 0010)) == (FileMode.S_ISGID | 0010);
    boolean mayKeep = creator.inGroup(parentGid) || creator.has(Credentials.CAP_FSETID);
    return new Ownership(
        creator.fsuid(), parentGid, executableSetgid && !mayKeep ? mode & ~FileMode.S_ISGID : mode);
  }
}
