package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of an annotated set under the names by which annotations find them: paths with slashes,
 * relative to the set. A name never leads out of the set, because only listed files are found.
 *
 * <p>What macOS puts into archives ({@code __MACOSX}, {@code ._a.xml}) is left out and counted.
 */
public final class SetFiles {

  private static final int DEPTH = 8;

  private final String title;
  private final TreeMap<String, Path> files = new TreeMap<>();
  private final Map<String, List<String>> byBaseName = new HashMap<>();
  private int resourceForks;

  private SetFiles(String title) {
    this.title = title;
  }

  /**
   * Files that are somewhere else under other names.
   *
   * @param title of the set, for messages
   * @param files where each file is, by name
   */
  public static SetFiles of(String title, Map<String, Path> files) {
    SetFiles set = new SetFiles(title);
    files.forEach(set::add);
    return set;
  }

  /**
   * The files of a folder and of those in it, links followed.
   *
   * @throws IOException if it cannot be listed
   */
  static SetFiles ofFolder(Path root) throws IOException {
    SetFiles set = new SetFiles(root.toString());
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              set.add(root.relativize(file).toString().replace('\\', '/'), file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
              throw e;
            }
            return FileVisitResult.CONTINUE; // not readable, or a link that leads back
          }
        });
    return set;
  }

  private void add(String name, Path file) {
    if (name.startsWith("__MACOSX/")
        || name.contains("/__MACOSX/")
        || base(name).startsWith("._")) {
      resourceForks++;
      return;
    }
    files.put(name, file);
    byBaseName.computeIfAbsent(key(base(name)), unused -> new ArrayList<>()).add(name);
  }

  /** The set's name in messages. */
  String title() {
    return title;
  }

  /** Files that macOS made beside others, left out. */
  int resourceForks() {
    return resourceForks;
  }

  /** Names with an ending in any case, in order. */
  List<String> ending(String ending) {
    return files.keySet().stream()
        .filter(name -> name.toLowerCase(Locale.ROOT).endsWith(ending))
        .toList();
  }

  /** Whether there is such a file, under exactly this name. */
  boolean contains(String name) {
    return files.containsKey(name);
  }

  /** Where a file is. */
  Path path(String name) {
    Path path = files.get(name);
    if (path == null) {
      throw new IllegalArgumentException("no file " + name);
    }
    return path;
  }

  /** The file of a name in a folder; null if there is none. The folder of the set itself is "". */
  @Nullable String in(String folder, String name) {
    String wanted = normalised(folder.isEmpty() ? name : folder + "/" + name);
    if (wanted == null) {
      return null;
    }
    if (files.containsKey(wanted)) {
      return wanted;
    }
    String key = key(wanted);
    return byBaseName.getOrDefault(key(base(wanted)), List.of()).stream()
        .filter(candidate -> key(candidate).equals(key))
        .findFirst()
        .orElse(null);
  }

  /** All files whose names end with a path. */
  List<String> endingWith(String path) {
    String wanted = normalised(path);
    if (wanted == null) {
      return List.of();
    }
    String key = key(wanted);
    return byBaseName.getOrDefault(key(base(wanted)), List.of()).stream()
        .filter(name -> key(name).equals(key) || key(name).endsWith("/" + key))
        .sorted()
        .toList();
  }

  /** The part of a name behind the last slash. */
  static String base(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The part of a name before the last slash; empty if there is none. */
  static String folder(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }

  /** One form for letters with marks, which macOS takes apart in file names. */
  private static String key(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /** Without dots, and with slashes for what Windows writes; null if it leads out of the set. */
  private static @Nullable String normalised(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.replace('\\', '/').split("/", -1)) {
      if (part.equals("..") && parts.pollLast() == null) {
        return null;
      }
      if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }
}
