package io.loomvisor.vfs.dev;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * /dev/random and /dev/urandom (random(4)): the same since Linux 5.6, once the generator is seeded,
 * which it always is.
 */
final class RandomDescription extends DeviceDescription {
  private static final int CHUNK = 4096;

  /** Written bytes beyond this many per call are consumed unread. */
  private static final int MIX_MAX = 256;

  private static final int RNDGETENTCNT = 0x80045200;
  private static final int RNDADDTOENTCNT = 0x40045201;
  private static final int RNDADDENTROPY = 0x40085203;
  private static final int RNDZAPENTCNT = 0x5204;
  private static final int RNDCLEARPOOL = 0x5206;
  private static final int RNDRESEEDCRNG = 0x5207;
  private static final int POOL_BITS = 256;

  private final RandomSource source;

  RandomDescription(Inode node, VfsPath path, int flags, RandomSource source) {
    super(node, path, flags);
    this.source = source;
  }

  @Override
  public long read(IoTarget target) {
    MemorySegment chunk =
        MemorySegment.ofArray(new byte[(int) Math.min(CHUNK, target.remaining())]);
    long done = 0;
    while (target.remaining() > 0) {
      long want = Math.min(chunk.byteSize(), target.remaining());
      source.fill(chunk.asSlice(0, want));
      long n = target.put(chunk, 0, want);
      done += n;
      if (n < want) {
        break;
      }
    }
    return done;
  }

  @Override
  public long write(IoSource from) {
    long all = from.remaining();
    byte[] bytes = new byte[(int) Math.min(MIX_MAX, all)];
    if (bytes.length > 0) {
      from.get(MemorySegment.ofArray(bytes), 0, bytes.length);
      source.mix(bytes);
    }
    return all;
  }

  /** Crediting entropy needs a privilege over the host's generator that nobody here has. */
  @Override
  public long ioctl(Caller caller, int request, long argument) {
    switch (request) {
      case RNDGETENTCNT -> {
        MemorySegment count = MemorySegment.ofArray(new byte[Integer.BYTES]);
        count.set(ValueLayout.JAVA_INT_UNALIGNED, 0, POOL_BITS);
        caller.copyOut(argument, count);
        return 0;
      }
      case RNDADDTOENTCNT, RNDADDENTROPY, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG ->
          throw Errno.EPERM.exception();
      default -> throw Errno.ENOTTY.exception();
    }
  }
}
