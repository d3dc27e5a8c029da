package io.loomvisor.scheduler.carrier;

import io.loomvisor.scheduler.wait.WakeUps;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the virtual threads of the sentry. They run on {@link Carriers} of our own, as many as
 * {@code jdk.virtualThreadScheduler.parallelism} says, if the JVM has been started with {@code
 * --add-opens java.base/java.lang=ALL-UNNAMED}: the JDK has no public way to choose who schedules a
 * virtual thread. Otherwise, or with {@code -Dloomvisor.carriers=jdk}, they run on the JDK's.
 *
 * <p>All methods: any thread.
 */
public final class TaskThreads {
  private static final Logger LOG = LoggerFactory.getLogger(TaskThreads.class);
  private static final String CHOICE = "loomvisor.carriers";
  private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";
  private static final String BUILDER = "java.lang.ThreadBuilders$VirtualThreadBuilder";

  private static volatile IntSupplier locator = () -> Crowding.NOWHERE;
  private static volatile IntPredicate mover = from -> false;

  /** Made with the first thread, when the program has said how many carriers it wants. */
  private static final class Made {
    static final Carriers CARRIERS;
    static final ThreadFactory FACTORY;

    static {
      Carriers carriers = null;
      ThreadFactory factory = null;
      if (!"jdk".equals(System.getProperty(CHOICE))) {
        int cpus = Runtime.getRuntime().availableProcessors();
        carriers =
            new Carriers(
                Integer.getInteger(PARALLELISM, cpus),
                cpus,
                () -> locator.getAsInt(),
                from -> mover.test(from));
        factory = factory(carriers);
      }
      CARRIERS = factory == null ? null : carriers;
      FACTORY = factory == null ? Thread.ofVirtual().factory() : factory;
    }
  }

  private TaskThreads() {}

  /**
   * Tells how to find out on which CPU the caller runs.
   *
   * @param cpu must be cheap
   */
  public static void locateBy(IntSupplier cpu) {
    locator = cpu;
  }

  /**
   * Tells how to get away from a CPU.
   *
   * @param leave has the caller, a platform thread, run on another CPU than this one; false if it
   *     cannot
   */
  public static void leaveBy(IntPredicate leave) {
    mover = leave;
  }

  /** For a task; not started yet. */
  public static Thread make(String name, Runnable body) {
    Thread thread = Made.FACTORY.newThread(body);
    thread.setName(name);
    return thread;
  }

  /** For what is no task. */
  public static void start(Runnable body) {
    Made.FACTORY.newThread(WakeUps.passingOn(body)).start();
  }

  /**
   * So many more threads, which are no carriers, compute: as long as there is no idle CPU no
   * carrier spins.
   */
  public static void computing(int more) {
    if (Made.CARRIERS != null) {
      Made.CARRIERS.computing(more);
    }
  }

  /** Whether there is a CPU to spare, and nobody waits for a carrier, as far as can be seen. */
  public static boolean spare() {
    return Made.CARRIERS == null || Made.CARRIERS.spare();
  }

  /** For virtual threads on these carriers; null if the JDK does not let us. */
  static ThreadFactory factory(Executor carriers) {
    try {
      Constructor<?> builder = Class.forName(BUILDER).getDeclaredConstructor(Executor.class);
      builder.setAccessible(true);
      return ((Thread.Builder.OfVirtual) builder.newInstance(carriers)).factory();
    } catch (InaccessibleObjectException e) {
      LOG.info(
          "tasks run on the JDK's carriers: the JVM has been started without --add-opens"
              + " java.base/java.lang=ALL-UNNAMED");
    } catch (ReflectiveOperationException | ClassCastException e) {
      LOG.info("tasks run on the JDK's carriers: this JDK lets nobody else schedule: {}", "" + e);
    }
    return null;
  }
}
