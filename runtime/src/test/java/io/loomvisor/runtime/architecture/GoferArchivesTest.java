package io.loomvisor.runtime.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.loomvisor.runtime.boot.GoferProcess;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A gofer opens the archives that jvm-options puts first ({@code lock.Archives}), and in its root
 * directory there are no others: all that it may ever load must be in them.
 */
class GoferArchivesTest {
  /** Packages of slf4j-api, logback, jna, gofer-protocol and runtime, and of the JDK. */
  private static final Set<String> FIRST =
      Set.of(
          "org.slf4j.",
          "ch.qos.logback.",
          "com.sun.jna.",
          "io.loomvisor.gofer.",
          "io.loomvisor.runtime.",
          "java.",
          "javax.",
          "jdk.",
          "sun.");

  /** For the filter, which GoferLock makes while it can open archives. */
  private static final Set<String> BEFORE_THE_LOCK =
      Set.of("io.loomvisor.kernel.syscall.SyscallNumber");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.loomvisor");

  @Test
  void theGoferNeedsThemOnly() {
    Set<Dependency> all = CLASSES.get(GoferProcess.class).getTransitiveDependenciesFromSelf();
    assertTrue(all.size() > 1000, "not the whole of it: " + all.size());
    Set<String> others =
        all.stream()
            .map(d -> d.getTargetClass().getBaseComponentType())
            .filter(c -> !c.isPrimitive())
            .filter(c -> FIRST.stream().noneMatch(c.getName()::startsWith))
            .map(c -> c.getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(BEFORE_THE_LOCK, others);
  }
}
