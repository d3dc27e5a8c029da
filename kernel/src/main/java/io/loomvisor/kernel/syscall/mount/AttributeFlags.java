package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountAttributes;

/** MOUNT_ATTR_ flags (include/uapi/linux/mount.h) as the MS_ ones that mounts have. */
final class AttributeFlags {
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final long MOUNT_ATTR_NOSUID = 2;
  private static final long MOUNT_ATTR_NODEV = 4;
  private static final long MOUNT_ATTR_NOEXEC = 8;
  private static final long MOUNT_ATTR_ATIME = 0x70;
  private static final int MOUNT_ATTR_RELATIME = 0;
  private static final int MOUNT_ATTR_NOATIME = 0x10;
  private static final int MOUNT_ATTR_STRICTATIME = 0x20;
  private static final long MOUNT_ATTR_NODIRATIME = 0x80;

  private static final long SIMPLE =
      MOUNT_ATTR_RDONLY
          | MOUNT_ATTR_NOSUID
          | MOUNT_ATTR_NODEV
          | MOUNT_ATTR_NOEXEC
          | MOUNT_ATTR_NODIRATIME;

  private static final int ATIME = Mount.MS_NOATIME | Mount.MS_RELATIME | Mount.MS_STRICTATIME;

  private static final long PROPAGATION =
      Mount.MS_UNBINDABLE | Mount.MS_PRIVATE | Mount.MS_SLAVE | Mount.MS_SHARED;

  private AttributeFlags() {}

  /** fsmount(2)'s: EINVAL. */
  static int ofMount(int attributes) {
    return simple(attributes & ~MOUNT_ATTR_ATIME) | atime(attributes & MOUNT_ATTR_ATIME);
  }

  /** mount_setattr(2)'s, as build_mount_kattr() checks them: EINVAL. */
  static MountAttributes change(long set, long clear, long propagation) {
    if ((propagation & ~PROPAGATION) != 0 || Long.bitCount(propagation) > 1) {
      throw Errno.EINVAL.exception();
    }
    int on = simple(set & ~MOUNT_ATTR_ATIME);
    int off = simple(clear & ~MOUNT_ATTR_ATIME);
    if ((clear & MOUNT_ATTR_ATIME) != 0) {
      if ((clear & MOUNT_ATTR_ATIME) != MOUNT_ATTR_ATIME) {
        throw Errno.EINVAL.exception();
      }
      on |= atime(set & MOUNT_ATTR_ATIME);
      off |= ATIME;
    } else if ((set & MOUNT_ATTR_ATIME) != 0) {
      throw Errno.EINVAL.exception();
    }
    return new MountAttributes(on, off, (int) propagation);
  }

  private static int simple(long attributes) {
    if ((attributes & ~SIMPLE) != 0) {
      throw Errno.EINVAL.exception();
    }
    int flags = (attributes & MOUNT_ATTR_RDONLY) != 0 ? Mount.MS_RDONLY : 0;
    flags |= (attributes & MOUNT_ATTR_NOSUID) != 0 ? Mount.MS_NOSUID : 0;
    flags |= (attributes & MOUNT_ATTR_NODEV) != 0 ? Mount.MS_NODEV : 0;
    flags |= (attributes & MOUNT_ATTR_NOEXEC) != 0 ? Mount.MS_NOEXEC : 0;
    return flags | ((attributes & MOUNT_ATTR_NODIRATIME) != 0 ? Mount.MS_NODIRATIME : 0);
  }

  private static int atime(long attributes) {
    return switch ((int) attributes) {
      case MOUNT_ATTR_RELATIME -> Mount.MS_RELATIME;
      case MOUNT_ATTR_NOATIME -> Mount.MS_NOATIME;
      case MOUNT_ATTR_STRICTATIME -> Mount.MS_STRICTATIME;
      default -> throw Errno.EINVAL.exception();
    };
  }
}
