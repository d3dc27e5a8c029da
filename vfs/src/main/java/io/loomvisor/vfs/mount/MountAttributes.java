package io.loomvisor.vfs.mount;

/**
 * A change of mounts by mount_setattr(2).
 *
 * @param set MS_ flags that are on afterwards
 * @param clear those that are off unless they are set
 * @param propagation MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE; 0: as it is
 */
public record MountAttributes(int set, int clear, int propagation) {
  int applied(int flags) {
    return flags & ~clear | set;
  }
}
