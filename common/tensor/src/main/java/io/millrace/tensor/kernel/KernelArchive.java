package io.millrace.tensor.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Compiles kernel files to a TorchScript archive that libtorch loads.
 *
 * <p>The archive is a stored zip with the sources as {@code code/__torch__.py}, a class whose
 * methods forward to the public functions, and the two constant pickles that libtorch expects. With
 * the sources go the functions that make their NamedTuples.
 */
final class KernelArchive {

  private static final String MODULE_CLASS = "Kernels";
  private static final Pattern FUNCTION =
      Pattern.compile(
          "(?ms)^def\\s+(\\w+)\\s*\\((.*?)\\)\\s*->\\s*([^\\n]+?):[ \\t]*(?:#[^\\n]*)?$");
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final Pattern TYPE = Pattern.compile("(?<![\\w.])(?<!class )(\\w+)");
  private static final Pattern CALL = Pattern.compile("(?<![\\w.])(?<!def )(\\w+)\\(");
  private static final Pattern IMPORT = Pattern.compile("(?m)^(?:import|from)\\s.*$");
  private static final Pattern DOCSTRING = Pattern.compile("(?s)\"\"\".*?\"\"\"");

  /** What libtorch calls number formats and memory formats (c10/core/ScalarType.h). */
  private static final Map<String, Integer> CONSTANTS =
      Map.ofEntries(
          Map.entry("uint8", 0),
          Map.entry("int8", 1),
          Map.entry("int16", 2),
          Map.entry("int32", 3),
          Map.entry("int64", 4),
          Map.entry("float16", 5),
          Map.entry("float32", 6),
          Map.entry("float64", 7),
          Map.entry("bool", 11),
          Map.entry("bfloat16", 15),
          Map.entry("float8_e5m2", 23),
          Map.entry("float8_e4m3fn", 24),
          Map.entry("contiguous_format", 0),
          Map.entry("channels_last", 2));

  private static final Pattern CONSTANT =
      Pattern.compile("\\btorch\\.(" + String.join("|", CONSTANTS.keySet()) + ")\\b(?!\\()");

  private KernelArchive() {}

  /** The archive's bytes. */
  static byte[] compile(List<KernelSource> sources) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
        zip.setMethod(ZipOutputStream.STORED);
        store(zip, "kernels/data.pkl", modulePickle());
        store(zip, "kernels/code/__torch__.py", code(sources).getBytes(StandardCharsets.UTF_8));
        store(zip, "kernels/constants.pkl", HexFormat.of().parseHex("8002292e"));
        store(zip, "kernels/version", "10\n".getBytes(StandardCharsets.UTF_8));
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The method that keeps what a function returns for Java. */
  static String keeping(String function) {
    return "keep_" + function;
  }

  /** A kernel file without what stands between three quotes. */
  static String withoutDocstrings(String text) {
    return DOCSTRING.matcher(text).replaceAll("");
  }

  /** The text of {@code code/__torch__.py}: qualified functions and the forwarding class. */
  static String code(List<KernelSource> files) {
    Map<String, TupleType> types = TupleType.in(files);
    List<KernelSource> sources = new ArrayList<>(files);
    Set<String> taken = taken(types.keySet(), files);
    sources.add(TupleReaders.of(types, taken));
    Set<String> qualified = new HashSet<>(types.keySet());
    taken.forEach(type -> qualified.add(TupleReaders.holder(type)));
    Map<String, Signature> functions = new LinkedHashMap<>();
    List<String> bodies = new ArrayList<>();
    for (KernelSource source : sources) {
      String text = IMPORT.matcher(withoutDocstrings(source.text())).replaceAll("");
      text = withNumbers(withQualified(qualified, TYPE, text));
      bodies.add(text);
      Matcher matcher = FUNCTION.matcher(text);
      while (matcher.find()) {
        Signature signature =
            new Signature(matcher.group(1), matcher.group(2), matcher.group(3).strip());
        if (functions.put(signature.name(), signature) != null) {
          throw new IllegalArgumentException(
              "kernel function "
                  + signature.name()
                  + " is defined twice, again in "
                  + source.name());
        }
      }
    }
    StringBuilder code = new StringBuilder();
    code.append("class ").append(MODULE_CLASS).append("(Module):\n");
    code.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    functions.values().stream()
        .filter(function -> !function.name().startsWith("_"))
        .forEach(function -> code.append(function.forwardingMethod(taken)));
    for (String body : bodies) {
      code.append(withQualified(functions.keySet(), CALL, body)).append('\n');
    }
    return code.toString();
  }

  /** Types that public functions take. */
  private static Set<String> taken(Set<String> types, List<KernelSource> files) {
    Set<String> taken = new HashSet<>();
    for (KernelSource file : files) {
      Matcher matcher = FUNCTION.matcher(withoutDocstrings(file.text()));
      while (matcher.find()) {
        if (!matcher.group(1).startsWith("_")) {
          NAME.matcher(matcher.group(2)).results().map(MatchResult::group).forEach(taken::add);
        }
      }
    }
    taken.retainAll(types);
    return taken;
  }

  /**
   * Types and functions must name the module they live in: {@code rope(x)} becomes {@code
   * __torch__.rope(x)}.
   */
  private static String withQualified(Set<String> names, Pattern use, String text) {
    return use.matcher(text)
        .replaceAll(
            found -> names.contains(found.group(1)) ? "__torch__." + found.group() : found.group());
  }

  /** Number formats and memory formats have names in Python alone. */
  private static String withNumbers(String text) {
    return CONSTANT
        .matcher(text)
        .replaceAll(name -> Integer.toString(Objects.requireNonNull(CONSTANTS.get(name.group(1)))));
  }

  /** A pickle of an object of the module class with {@code training = True}. */
  private static byte[] modulePickle() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HexFormat hex = HexFormat.of();
    out.writeBytes(hex.parseHex("8002"));
    out.writeBytes(("c__torch__\n" + MODULE_CLASS + "\n").getBytes(StandardCharsets.UTF_8));
    out.writeBytes(hex.parseHex("710029817d28")); // memo 0, (), new object, {}, mark
    out.writeBytes(hex.parseHex("5808000000")); // a text of 8 bytes
    out.writeBytes("training".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(hex.parseHex("71018875622e")); // memo 1, True, set items, build, stop
    return out.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private record Signature(String name, String parameters, String result) {

    /**
     * The method that libtorch runs for Java; it calls the free function. Where the result is of a
     * type that Java hands over, another one gives it in its holder, to be kept.
     *
     * @param held types that Java hands over in their holders
     */
    String forwardingMethod(Set<String> held) {
      List<String> names = new ArrayList<>();
      List<String> typed = new ArrayList<>();
      for (String parameter : splitParameters(parameters)) {
        String text = parameter.replaceAll("(?m)#.*$", "").strip().replaceAll("\\s+", " ");
        if (!text.isEmpty()) {
          String own = text.substring(0, text.indexOf(':')).strip();
          String type = text.substring(text.indexOf(':') + 1).strip();
          boolean holds = held.contains(type.replace("__torch__.", ""));
          names.add(holds ? own + ".value" : own);
          typed.add(own + ": " + (holds ? TupleReaders.holder(type) : type));
        }
      }
      String taking = typed.isEmpty() ? "" : ", " + String.join(", ", typed);
      String call = "__torch__.%s(%s)".formatted(name, String.join(", ", names));
      String type = result.replace("__torch__.", "");
      return method(name, taking, result, call)
          + (held.contains(type)
              ? method(keeping(name), taking, holder(type), holder(type) + "(" + call + ")")
              : "");
    }

    private static String method(String name, String taking, String result, String value) {
      return "  def %s(self: __torch__.%s%s) -> %s:\n    return %s\n"
          .formatted(name, MODULE_CLASS, taking, result, value);
    }

    private static String holder(String type) {
      return "__torch__." + TupleReaders.holder(type);
    }

    /** Splits at the commas outside of brackets. */
    private static List<String> splitParameters(String text) {
      String clean = text.replaceAll("(?m)#.*$", "");
      List<String> parts = new ArrayList<>();
      int depth = 0;
      int start = 0;
      for (int i = 0; i < clean.length(); i++) {
        char c = clean.charAt(i);
        depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        if (c == ',' && depth == 0) {
          parts.add(clean.substring(start, i));
          start = i + 1;
        }
      }
      parts.add(clean.substring(start));
      return parts;
    }
  }
}
