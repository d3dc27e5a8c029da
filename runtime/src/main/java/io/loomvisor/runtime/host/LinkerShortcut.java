package io.loomvisor.runtime.host;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.invoke.MethodType.methodType;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Optional;
import java.util.function.Function;

/**
 * Has the JDK's linker know the one type of call that all modules make of the host, before the
 * first of them asks for it: a function of seven longs with errno captured. The linker would write
 * and load some twenty classes for it, which no AOT cache of JDK 25 holds; 25 ms of CPU time in
 * each process of a sandbox (docs/performance.md). What is put into the linker's cache is a method
 * of this class around the linker's own stub.
 *
 * <p>These parts of the JDK are not public: where one is missing or closed (jvm-options opens
 * them), {@link #install} says why and the linker does as it always does.
 *
 * <p>Safe because the stub is what the JDK's linker makes for this type, and {@link Stub#call} asks
 * of its two segments what the linker asks. It does not keep the arena of a segment from being
 * closed by another thread during the call; all callers own theirs or never close it.
 */
public final class LinkerShortcut {
  private static final MethodType TYPE = longs(MemorySegment.class);

  private LinkerShortcut() {}

  /** Why there is none; empty once it is there. */
  public static Optional<String> install() {
    try {
      Stub.prepare();
      MethodHandle call = MethodHandles.lookup().findStatic(Stub.class, "call", TYPE);
      return offer(call) == call ? Optional.empty() : Optional.of("the linker has one already");
    } catch (ExceptionInInitializerError e) {
      return Optional.of(String.valueOf(e.getCause()));
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return Optional.of(e.toString());
    }
  }

  /** What the linker answers for the type from now on. */
  private static Object offer(MethodHandle call) throws ReflectiveOperationException {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor descriptor =
        FunctionDescriptor.of(
            JAVA_LONG, Collections.nCopies(7, JAVA_LONG).toArray(new MemoryLayout[0]));
    Class<?> optionsType = internal("LinkerOptions");
    Object options =
        optionsType
            .getMethod("forDowncall", FunctionDescriptor.class, Linker.Option[].class)
            .invoke(
                null, descriptor, new Linker.Option[] {Linker.Option.captureCallState("errno")});
    Constructor<?> request =
        opened(
            internal("AbstractLinker$LinkRequest")
                .getDeclaredConstructor(FunctionDescriptor.class, optionsType));
    // Not Field.get, for which the JDK writes classes as well.
    Class<?> linkerType = internal("AbstractLinker");
    Class<?> cacheType = internal("SoftReferenceCache");
    VarHandle cache =
        MethodHandles.privateLookupIn(linkerType, MethodHandles.lookup())
            .findVarHandle(linkerType, "DOWNCALL_CACHE", cacheType);
    Method get = opened(cacheType.getDeclaredMethod("get", Object.class, Function.class));
    Function<Object, Object> value = _ -> call;
    return get.invoke(
        (Object) cache.get((Object) linker), request.newInstance(descriptor, options), value);
  }

  private static Class<?> internal(String name) throws ClassNotFoundException {
    return Class.forName("jdk.internal.foreign.abi." + name);
  }

  private static <T extends AccessibleObject> T opened(T member) {
    member.setAccessible(true);
    return member;
  }

  /** (address, address of the captured state, seven arguments) of {@code pointer}'s type. */
  private static MethodType longs(Class<?> pointer) {
    MethodType arguments = methodType(long.class, Collections.nCopies(7, long.class));
    return arguments.insertParameterTypes(0, pointer, pointer);
  }

  /** The call itself. */
  private static final class Stub {
    private static final int INTEGER = 0;
    private static final int ERRNO = 1 << 2;
    private static final long STATE_SIZE = Linker.Option.captureStateLayout().byteSize();
    private static final MethodHandle ENTRY = entry();

    /** Initializes the class: a handle of one that is not would need another form. */
    static void prepare() {}

    static long call(
        MemorySegment function,
        MemorySegment state,
        long a,
        long b,
        long c,
        long d,
        long e,
        long f,
        long g)
        throws Throwable {
      if (!function.isNative() || function.address() == 0) {
        throw new IllegalArgumentException("no function: " + function);
      }
      if (!state.isNative() || state.byteSize() < STATE_SIZE) {
        throw new IllegalArgumentException("no place for errno: " + state);
      }
      try {
        return (long) ENTRY.invokeExact(function.address(), state.address(), a, b, c, d, e, f, g);
      } finally {
        Reference.reachabilityFence(state);
        Reference.reachabilityFence(function);
      }
    }

    /**
     * The linker's stub: System V calling convention, six arguments in registers, one on the stack.
     */
    private static MethodHandle entry() {
      try {
        Class<?> arranger = Class.forName("jdk.internal.foreign.abi.x64.sysv.CallArranger");
        Class<?> descriptor = internal("ABIDescriptor");
        VarHandle convention =
            MethodHandles.privateLookupIn(arranger, MethodHandles.lookup())
                .findStaticVarHandle(arranger, "CSysV", descriptor);
        Class<?> storage = internal("VMStorage");
        Object abi = (Object) convention.get();
        Object arguments = Array.newInstance(storage, 9);
        Array.set(arguments, 0, descriptor.getMethod("targetAddrStorage").invoke(abi));
        Array.set(arguments, 1, descriptor.getMethod("capturedStateStorage").invoke(abi));
        Object registers = registers(descriptor, "inputStorage", abi);
        for (int i = 0; i < 6; i++) {
          Array.set(arguments, 2 + i, Array.get(registers, i));
        }
        Array.set(
            arguments,
            8,
            Class.forName("jdk.internal.foreign.abi.x64.X86_64Architecture")
                .getMethod("stackStorage", short.class, int.class)
                .invoke(null, (short) Long.BYTES, 0));
        Object results = Array.newInstance(storage, 1);
        Array.set(results, 0, Array.get(registers(descriptor, "outputStorage", abi), 0));
        return handle(abi, arguments, results);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Object registers(Class<?> descriptor, String kind, Object abi)
        throws ReflectiveOperationException {
      VarHandle kinds =
          MethodHandles.lookup()
              .findVarHandle(descriptor, kind, internal("VMStorage").arrayType().arrayType());
      return Array.get((Object) kinds.get(abi), INTEGER);
    }

    private static MethodHandle handle(Object abi, Object arguments, Object results)
        throws ReflectiveOperationException {
      Class<?> entryPoint = internal("NativeEntryPoint");
      Class<?> many = arguments.getClass();
      // No buffer for results, captured errno, with a transition to native, no pairs of addresses.
      Object entry =
          entryPoint
              .getMethod(
                  "make",
                  abi.getClass(),
                  many,
                  many,
                  MethodType.class,
                  boolean.class,
                  int.class,
                  boolean.class,
                  boolean.class)
              .invoke(null, abi, arguments, results, longs(long.class), false, ERRNO, true, false);
      Object access =
          Class.forName("jdk.internal.access.SharedSecrets")
              .getMethod("getJavaLangInvokeAccess")
              .invoke(null);
      return (MethodHandle)
          Class.forName("jdk.internal.access.JavaLangInvokeAccess")
              .getMethod("nativeMethodHandle", entryPoint)
              .invoke(access, entry);
    }
  }
}
