package io.loomvisor.kernel.syscall.ipc;

import io.loomvisor.kernel.ipc.IpcPermission;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct ipc64_perm of x86-64, with which shmid_ds, semid_ds and msqid_ds begin:
 *
 * <pre>
 *   0     4     8     12     16     20      24      26 … 47
 *   | key | uid | gid | cuid | cgid | mode  | seq   | 0   |
 * </pre>
 */
final class PermissionLayout {
  static final int SIZE = 48;

  private static final int SEQUENCE_SHIFT = 15;

  private PermissionLayout() {}

  /** A structure of {@code size} bytes that begins with the permission. */
  static ByteBuffer structure(int size, IpcPermission p, int id) {
    return buffer(new byte[size])
        .putInt(0, p.key())
        .putInt(4, p.uid())
        .putInt(8, p.gid())
        .putInt(12, p.cuid())
        .putInt(16, p.cgid())
        .putInt(20, p.mode())
        .putShort(24, (short) (id >>> SEQUENCE_SHIFT));
  }

  static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int uid(ByteBuffer structure) {
    return structure.getInt(4);
  }

  static int gid(ByteBuffer structure) {
    return structure.getInt(8);
  }

  static int mode(ByteBuffer structure) {
    return structure.getInt(20);
  }
}
