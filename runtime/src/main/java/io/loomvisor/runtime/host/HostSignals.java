package io.loomvisor.runtime.host;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Signals that the host sends to this process. The JDK hears of them only through sun.misc.Signal,
 * a supported internal class (JEP 260) that javac warns of wherever it is named; so it is reached
 * by reflection, here alone.
 */
public final class HostSignals {
  private static final Class<?> SIGNAL = find("sun.misc.Signal");
  private static final Class<?> HANDLER = find("sun.misc.SignalHandler");

  private static final String IGNORED = "loomvisor.ignored.signals";

  private HostSignals() {}

  /**
   * The signals that the caller of the launcher ignores, bit n - 1 for signal n; 0 if unknown. The
   * launcher says so, for the JVM has replaced some dispositions (SIGPIPE) by the time Java runs.
   */
  public static long ignoredByCaller() {
    return Long.parseUnsignedLong(System.getProperty(IGNORED, "0"), 16);
  }

  /**
   * Runs {@code action} on a thread of the JVM's whenever the signal arrives; replaces what was
   * done so far.
   *
   * @param name without SIG: "TERM"
   */
  public static void handle(String name, Runnable action) {
    Object handler =
        Proxy.newProxyInstance(
            HANDLER.getClassLoader(),
            new Class<?>[] {HANDLER},
            (proxy, method, args) -> answer(proxy, method, args, action));
    try {
      Object signal = SIGNAL.getConstructor(String.class).newInstance(name);
      Method handle = SIGNAL.getMethod("handle", SIGNAL, HANDLER);
      handle.invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle signal " + name, e);
    }
  }

  private static Object answer(Object proxy, Method method, Object[] args, Runnable action) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield null;
      }
      case "hashCode" -> System.identityHashCode(proxy);
      case "equals" -> proxy == args[0];
      default -> "handler of loomvisor";
    };
  }

  private static Class<?> find(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this JDK lacks the module jdk.unsupported", e);
    }
  }
}
