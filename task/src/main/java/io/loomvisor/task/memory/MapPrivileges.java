package io.loomvisor.task.memory;

/**
 * What the caller of mmap(2) may do beyond others.
 *
 * @param lowAddresses CAP_SYS_RAWIO: below vm.mmap_min_addr
 * @param lockUnlimited CAP_IPC_LOCK: beyond RLIMIT_MEMLOCK
 */
public record MapPrivileges(boolean lowAddresses, boolean lockUnlimited) {
  public static final MapPrivileges NONE = new MapPrivileges(false, false);
}
