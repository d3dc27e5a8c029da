package io.loomvisor.runtime.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Formatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The first number that {@link Formatter} prints loads locale data from files, which a sentry that
 * is locked in cannot open: it would be killed.
 */
class FormattedNumbersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.loomvisor");

  @Test
  void theSentryFormatsNone() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.loomvisor.runtime.oci.verb..", "io.loomvisor.benchmarks..")
        .and()
        .doNotHaveFullyQualifiedName("io.loomvisor.runtime.lock.Preload")
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "format", Locale.class, String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "formatted", Object[].class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Formatter.class)
        .check(CLASSES);
  }
}
