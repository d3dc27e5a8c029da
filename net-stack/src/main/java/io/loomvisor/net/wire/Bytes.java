package io.loomvisor.net.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian integers in byte arrays; every access is bounds-checked by the array. */
public final class Bytes {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  public static int u8(byte[] a, int at) {
    return a[at] & 0xff;
  }

  public static int u16(byte[] a, int at) {
    return (short) SHORT.get(a, at) & 0xffff;
  }

  public static int i32(byte[] a, int at) {
    return (int) INT.get(a, at);
  }

  public static long u32(byte[] a, int at) {
    return (int) INT.get(a, at) & 0xffff_ffffL;
  }

  public static long i64(byte[] a, int at) {
    return (long) LONG.get(a, at);
  }

  public static void put8(byte[] a, int at, int v) {
    a[at] = (byte) v;
  }

  public static void put16(byte[] a, int at, int v) {
    SHORT.set(a, at, (short) v);
  }

  public static void put32(byte[] a, int at, int v) {
    INT.set(a, at, v);
  }

  public static void put64(byte[] a, int at, long v) {
    LONG.set(a, at, v);
  }
}
