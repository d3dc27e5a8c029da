package io.loomvisor.kernel.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;

/**
 * struct ipc_perm: who made an object, whose it is, who may use it. Immutable.
 *
 * @param mode permission bits, and for segments SHM_DEST and SHM_LOCKED
 */
public record IpcPermission(int key, int uid, int gid, int cuid, int cgid, int mode) {
  private static final int CAP_IPC_OWNER = 15;

  /** Of an object that {@code maker} makes. */
  static IpcPermission of(int key, int flags, Credentials maker) {
    return new IpcPermission(
        key, maker.euid(), maker.egid(), maker.euid(), maker.egid(), flags & IpcFlags.MODE);
  }

  /**
   * ipcperms() of ipc/util.c: EACCES unless {@code who} has every right that {@code wanted} names
   * in any of its three digits.
   */
  public void check(Credentials who, int wanted) {
    int requested = wanted >> 6 | wanted >> 3 | wanted;
    int granted = mode;
    if (who.euid() == cuid || who.euid() == uid) {
      granted >>= 6;
    } else if (who.inGroup(cgid) || who.inGroup(gid)) {
      granted >>= 3;
    }
    if ((requested & ~granted & 7) != 0 && !who.has(CAP_IPC_OWNER)) {
      throw Errno.EACCES.exception();
    }
  }

  /** IPC_SET and IPC_RMID are the owner's, the maker's and the administrator's: EPERM. */
  public void requireOwner(Credentials who) {
    if (who.euid() != cuid && who.euid() != uid && !who.has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
  }

  /** After IPC_SET, ipc_update_perm(): the bits of the mode that are no permissions stay. */
  public IpcPermission changed(int newUid, int newGid, int newMode) {
    int bits = mode & ~IpcFlags.MODE | newMode & IpcFlags.MODE;
    return new IpcPermission(key, newUid, newGid, cuid, cgid, bits);
  }

  public IpcPermission withMode(int newMode) {
    return new IpcPermission(key, uid, gid, cuid, cgid, newMode);
  }

  /** Nobody finds the object by its key any more. */
  public IpcPermission withoutKey() {
    return new IpcPermission(IpcFlags.IPC_PRIVATE, uid, gid, cuid, cgid, mode);
  }
}
