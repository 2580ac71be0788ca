package io.millrace.data.dataset;

import io.millrace.data.document.PictureRules;
import io.millrace.data.document.TextRules;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy;
import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a new dataset may look like. */
final class DatasetRules {
  static final int DEFAULT_PACK_LENGTH = 256;
  static final int DEFAULT_IMAGE_SIDE = 320;
  static final double DEFAULT_HELDOUT_PERCENT = 5;

  private static final int SHORTEST_PACK = 16;
  private static final int LONGEST_PACK = 131_072;
  private static final int SIDE_UNIT = 32;
  private static final int LONGEST_SIDE = 1280;
  private static final double MOST_HELDOUT_PERCENT = 50;
  private static final int MOST_NAMES = 10_000;
  private static final int LONGEST_NAME = PictureRules.LONGEST_LABEL;

  private DatasetRules() {}

  /**
   * A dataset with every setting checked and defaults filled in. A setting of the other kind is
   * refused rather than ignored.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  static DatasetEntry check(NewDataset wanted, Instant now) {
    String name = Names.require("name", wanted.name());
    double heldout =
        wanted.heldoutPercent() == null ? DEFAULT_HELDOUT_PERCENT : wanted.heldoutPercent();
    if (!(heldout >= 0 && heldout <= MOST_HELDOUT_PERCENT)) {
      throw MillraceException.invalid(
          "heldout_percent",
          "heldout_percent must be from 0 to %.0f, not %s"
              .formatted(MOST_HELDOUT_PERCENT, heldout));
    }
    Content content = content(wanted);
    IntakePolicy intake =
        policy(
            content,
            IntakePolicy.STANDARD,
            wanted.duplicateIds(),
            wanted.plainValues(),
            wanted.rejectedWarnPercent());
    return new DatasetEntry(name, content, heldout, intake, now);
  }

  private static Content content(NewDataset wanted) {
    return switch (wanted.kind()) {
      case TEXT -> {
        refuse("image_width", wanted.imageWidth(), "texts");
        refuse("image_height", wanted.imageHeight(), "texts");
        refuse("columns", wanted.columns(), "texts");
        yield new Content.Text(
            packLength(wanted.packLength()), null, names("classes", "class", wanted.classes()));
      }
      case IMAGES -> {
        refuse("pack_length", wanted.packLength(), "images");
        refuse("columns", wanted.columns(), "images");
        yield new Content.Pictures(
            side("image_width", wanted.imageWidth()),
            side("image_height", wanted.imageHeight()),
            names("classes", "class", wanted.classes()));
      }
      case ROWS -> {
        refuse("pack_length", wanted.packLength(), "rows");
        refuse("image_width", wanted.imageWidth(), "rows");
        refuse("image_height", wanted.imageHeight(), "rows");
        yield rows(
            names("columns", "column", wanted.columns()),
            names("classes", "class", wanted.classes()));
      }
    };
  }

  /**
   * How a dataset takes documents after a change.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  static IntakePolicy change(DatasetEntry dataset, DatasetChange wanted) {
    if (wanted.plainValues() == null && wanted.rejectedWarnPercent() == null) {
      throw MillraceException.invalid(
          "plain_values", "nothing to change: plain_values or rejected_warn_percent is needed");
    }
    return policy(
        dataset.content(),
        dataset.intake(),
        null,
        wanted.plainValues(),
        wanted.rejectedWarnPercent());
  }

  private static IntakePolicy policy(
      Content content,
      IntakePolicy before,
      @Nullable DuplicateIds duplicateIds,
      @Nullable PlainValues plainValues,
      @Nullable Double rejectedWarnPercent) {
    double warn = rejectedWarnPercent == null ? before.rejectedWarnPercent() : rejectedWarnPercent;
    if (!(warn >= 0 && warn <= 100)) {
      throw MillraceException.invalid(
          "rejected_warn_percent",
          "rejected_warn_percent must be from 0 to 100, not %s".formatted(warn));
    }
    if (!(content instanceof Content.Text) && plainValues == PlainValues.TEXT) {
      throw MillraceException.invalid(
          "plain_values", "plain_values 'text' is for a dataset of texts alone");
    }
    return new IntakePolicy(
        duplicateIds == null ? before.duplicateIds() : duplicateIds,
        plainValues == null ? before.plainValues() : plainValues,
        warn);
  }

  private static int packLength(@Nullable Integer wanted) {
    int length = wanted == null ? DEFAULT_PACK_LENGTH : wanted;
    if (length < SHORTEST_PACK || length > LONGEST_PACK) {
      throw MillraceException.invalid(
          "pack_length",
          "pack_length must be from %d to %d tokens, not %d"
              .formatted(SHORTEST_PACK, LONGEST_PACK, length));
    }
    return length;
  }

  private static int side(String field, @Nullable Integer wanted) {
    int side = wanted == null ? DEFAULT_IMAGE_SIDE : wanted;
    if (side < SIDE_UNIT || side > LONGEST_SIDE || side % SIDE_UNIT != 0) {
      throw MillraceException.invalid(
          field,
          "%s must be a multiple of %d from %d to %d pixels, not %d"
              .formatted(field, SIDE_UNIT, SIDE_UNIT, LONGEST_SIDE, side));
    }
    return side;
  }

  private static Content.Rows rows(List<String> columns, List<String> classes) {
    if (columns.isEmpty()) {
      throw MillraceException.invalid(
          "columns", "a dataset of rows needs columns, the names of its numbers");
    }
    for (String reserved : List.of("id", "label")) {
      if (columns.contains(reserved)) {
        throw MillraceException.invalid(
            "columns",
            "column '%s' cannot be one of the numbers: it is the row's own %s"
                .formatted(reserved, reserved));
      }
    }
    return new Content.Rows(columns, classes);
  }

  /** Names of classes or columns; none where nobody named any. */
  private static List<String> names(String field, String one, @Nullable List<String> wanted) {
    if (wanted == null) {
      return List.of();
    }
    if (wanted.size() > MOST_NAMES) {
      throw MillraceException.invalid(field, "more than %d %s".formatted(MOST_NAMES, field));
    }
    Set<String> seen = new HashSet<>();
    for (String name : wanted) {
      if (name == null || name.isBlank() || name.length() > LONGEST_NAME) {
        throw MillraceException.invalid(
            field, "a %s needs a name of 1 to %d characters".formatted(one, LONGEST_NAME));
      }
      if (name.chars().anyMatch(Character::isISOControl) || !TextRules.faultOf(name).isEmpty()) {
        throw MillraceException.invalid(
            field, "%s %d has control characters in its name".formatted(one, seen.size() + 1));
      }
      if (!seen.add(name)) {
        throw MillraceException.invalid(field, "%s '%s' is named twice".formatted(one, name));
      }
    }
    return wanted;
  }

  private static void refuse(String field, @Nullable Object value, String kind) {
    if (value != null) {
      throw MillraceException.invalid(field, field + " is not for a dataset of " + kind);
    }
  }
}
