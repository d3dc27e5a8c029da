package io.loomvisor.kernel.credential;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Mount;

/**
 * The identity after execve(2) (capabilities(7), "Transformation of capabilities during execve()").
 * File capabilities are not read: a file has none.
 */
public final class ExecCredentials {
  private static final int S_IXGRP = 010;

  private ExecCredentials() {}

  /**
   * @param file the program, after interpreters; null for none, which gives nothing
   */
  public static Credentials after(Credentials c, VfsPath file) {
    Credentials ids = setIds(c, file);
    boolean changed = ids.euid() != c.euid() || ids.egid() != c.egid();
    long ambient = changed ? 0 : c.ambient();
    long permitted = ambient;
    long effective = ambient;
    if ((c.securebits() & Securebits.NOROOT) == 0 && (ids.euid() == 0 || ids.uid() == 0)) {
      permitted = c.inheritable() | c.bounding();
      effective = ids.euid() == 0 ? permitted : ambient;
    }
    if (c.noNewPrivileges()) {
      permitted &= c.permitted();
      effective &= permitted;
    }
    return ids.withCapabilities(permitted, effective, c.inheritable(), c.bounding(), ambient)
        .withSecurebits(c.securebits() & ~Securebits.KEEP_CAPS);
  }

  private static Credentials setIds(Credentials c, VfsPath file) {
    int user = c.euid();
    int group = c.egid();
    if (file != null && !c.noNewPrivileges() && !file.mount().has(Mount.MS_NOSUID)) {
      Inode inode = file.inode();
      int mode = inode.mode();
      if ((mode & FileMode.S_ISUID) != 0) {
        user = inode.uid();
      }
      if ((mode & (FileMode.S_ISGID | S_IXGRP)) == (FileMode.S_ISGID | S_IXGRP)) {
        group = inode.gid();
      }
    }
    return c.withUsers(c.uid(), user, user, user).withGroupIds(c.gid(), group, group, group);
  }

  /** AT_SECURE: the program runs with more rights than who started it. */
  public static boolean secure(Credentials c) {
    return c.uid() != c.euid() || c.gid() != c.egid();
  }
}
