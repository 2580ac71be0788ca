package io.millrace.benchmarks;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.millrace.testing.PackageCycles;

/** What the benchmarks' packages may need of each other; all other rules are the platform's. */
@AnalyzeClasses(
    packages = "io.millrace.benchmarks",
    importOptions = ImportOption.DoNotIncludeTests.class)
class BenchmarkPackagesTest {

  @ArchTest
  static final ArchRule benchmarksHaveNoPackageCycles =
      PackageCycles.noneIn("io.millrace.benchmarks");
}
