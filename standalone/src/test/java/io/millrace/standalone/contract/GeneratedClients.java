package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Makes clients of OpenAPI descriptions with openapi-generator, as users do, and compiles them. */
final class GeneratedClients implements AutoCloseable {
  /** Where the build has put it; with all that it needs, and apart from what is tested. */
  private static final Path GENERATOR = Path.of("target/openapi-generator/openapi-generator.jar");

  private final Path directory;
  private final URLClassLoader generator;

  /**
   * Clients.
   *
   * @param directory for sources and classes
   */
  GeneratedClients(Path directory) throws IOException {
    assertThat(GENERATOR).as("copied by the build").exists();
    this.directory = directory;
    this.generator =
        new URLClassLoader(
            new URL[] {GENERATOR.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
  }

  /**
   * Makes the sources of a client in Java, on the JDK's own HTTP client.
   *
   * @param description a file
   * @param name of its package, below {@code io.millrace.client}
   */
  void generate(Path description, String name) {
    String root = "io.millrace.client." + name;
    run(
        "generate",
        "--generator-name",
        "java",
        "--library",
        "native",
        "--input-spec",
        description.toString(),
        "--output",
        directory.resolve(name).toString(),
        "--invoker-package",
        root,
        "--api-package",
        root,
        "--model-package",
        root + ".model",
        "--global-property",
        "models,apis,supportingFiles,modelDocs=false,apiDocs=false,modelTests=false,apiTests=false",
        "--additional-properties",
        "useJakartaEe=true,openApiNullable=false,hideGenerationTimestamp=true");
  }

  /** Compiles all of it together with a program that uses it. */
  URLClassLoader compileWith(Path program) throws IOException {
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    Path classes = directory.resolve("classes");
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> generated = Files.walk(directory)) {
      Files.createDirectories(classes);
      List<Path> sources =
          Stream.concat(
                  generated.filter(file -> file.toString().endsWith(".java")), Stream.of(program))
              .toList();
      boolean compiled =
          compiler
              .getTask(
                  complaints,
                  files,
                  null,
                  List.of("-nowarn", "-proc:none", "-d", classes.toString()),
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(complaints.toString()).isTrue();
      return new URLClassLoader(
          new URL[] {classes.toUri().toURL()}, GeneratedClients.class.getClassLoader());
    }
  }

  private void run(String... arguments) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(generator);
    try {
      generator
          .loadClass("org.openapitools.codegen.OpenAPIGenerator")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  public void close() throws IOException {
    generator.close();
  }
}
