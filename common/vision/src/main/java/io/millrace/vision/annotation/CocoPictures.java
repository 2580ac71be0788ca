package io.millrace.vision.annotation;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the files of the pictures that one COCO file names. */
final class CocoPictures {

  private final String name;
  private final SetFiles files;
  private final BoxChecks checks;
  private final String split;
  private final Set<String> words;

  /**
   * A search.
   *
   * @param name of the COCO file
   */
  CocoPictures(String name, SetFiles files, BoxChecks checks) {
    this.name = name;
    this.files = files;
    this.checks = checks;
    this.split = CocoFile.split(name);
    this.words = Set.copyOf(List.of(SetFiles.base(name).split("[_.-]+", -1)));
  }

  /**
   * The file of a picture; null, with a note, if there is none or nobody can tell which.
   *
   * <p>The JSON file's own folder comes first, as names repeat from part to part; then the usual
   * folders; then any file that ends with the name, or else with its base name.
   */
  @Nullable String find(String wanted) {
    String folder = SetFiles.folder(name);
    String above = SetFiles.folder(folder);
    for (String place :
        List.of(folder, join(folder, "images"), join(above, "images"), "", "images")) {
      String found = files.in(place, wanted);
      if (found != null) {
        return found;
      }
    }
    List<String> candidates = candidates(wanted);
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    checks.note(
        name,
        candidates.isEmpty()
            ? "picture '" + wanted + "' is missing, left out"
            : "picture '%s' may be '%s' or '%s', left out"
                .formatted(wanted, candidates.get(0), candidates.get(1)));
    return null;
  }

  private List<String> candidates(String wanted) {
    List<String> all = files.endingWith(wanted);
    if (all.isEmpty()) {
      all = files.endingWith(SetFiles.base(wanted.replace('\\', '/')));
    }
    // A picture of another part that has the same name is another picture.
    List<String> fitting = all.stream().filter(this::mayBeOfThisPart).toList();
    // instances_val2017.json belongs to val2017/, in which all of its pictures are.
    List<String> named =
        fitting.stream()
            .filter(
                file -> Stream.of(SetFiles.folder(file).split("/", -1)).anyMatch(words::contains))
            .toList();
    return named.isEmpty() ? fitting : named;
  }

  private boolean mayBeOfThisPart(String file) {
    String other = CocoFile.split(SetFiles.folder(file));
    return split.isEmpty() || other.isEmpty() || other.equals(split);
  }

  private static String join(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }
}
