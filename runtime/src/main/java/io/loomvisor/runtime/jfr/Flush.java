package io.loomvisor.runtime.jfr;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The recorder's own flush, which it makes for streams ({@link jdk.jfr.consumer.RecordingStream}).
 * It has no public name: the launcher exports the package with {@code --add-exports}. A stream of
 * ours would do the same, but opens the file by its name to read it.
 */
final class Flush implements Runnable {
  private static final String OWNER = "jdk.jfr.internal.MetadataRepository";

  private final MethodHandle flush;

  private Flush(MethodHandle flush) {
    this.flush = flush;
  }

  /** Fails if this JDK has none. */
  static Flush find() throws IOException {
    try {
      Class<?> owner = Class.forName(OWNER);
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Object instance =
          lookup.findStatic(owner, "getInstance", MethodType.methodType(owner)).invoke();
      MethodHandle flush =
          lookup.findVirtual(owner, "flush", MethodType.methodType(void.class)).bindTo(instance);
      return new Flush(flush);
    } catch (Throwable e) {
      throw new IOException("this JDK's Flight Recorder cannot be flushed by us: " + e, e);
    }
  }

  @Override
  public void run() {
    try {
      flush.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
