package io.loomvisor.vfs.tty;

import io.loomvisor.vfs.Caller;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The arguments of ioctl(2) in application memory. */
final class UserStruct {
  private UserStruct() {}

  static byte[] read(Caller caller, long address, int size) {
    byte[] bytes = new byte[size];
    caller.copyIn(address, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static long write(Caller caller, long address, byte[] bytes) {
    caller.copyOut(address, MemorySegment.ofArray(bytes));
    return 0;
  }

  static int readInt(Caller caller, long address) {
    return ByteBuffer.wrap(read(caller, address, Integer.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getInt();
  }

  static long writeInt(Caller caller, long address, int value) {
    ByteBuffer b = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return write(caller, address, b.putInt(value).array());
  }

  /** struct winsize: four half-words. */
  static Terminal.WindowSize readWindow(Caller caller, long address) {
    ByteBuffer b = ByteBuffer.wrap(read(caller, address, 8)).order(ByteOrder.LITTLE_ENDIAN);
    return new Terminal.WindowSize(b.getShort(), b.getShort(), b.getShort(), b.getShort());
  }

  static long writeWindow(Caller caller, long address, Terminal.WindowSize w) {
    ByteBuffer b = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort(w.rows()).putShort(w.columns()).putShort(w.width()).putShort(w.height());
    return write(caller, address, b.array());
  }
}
