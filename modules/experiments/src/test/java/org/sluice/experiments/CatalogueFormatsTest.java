package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.checkpoint.StoredModel;
import org.sluice.model.interchange.ForeignFormat;
import org.sluice.model.interchange.ForeignModel;
import org.sluice.model.interchange.ForeignModelWriter;

/** All that can be named in a job, in every format that can express it; and the page that says which those are. */
class CatalogueFormatsTest {
    private static final Path PAGE = Path.of("../../docs/formats.md");
    private static final String BEGIN = "<!-- The table is made by CatalogueFormatsTest: begin -->";
    private static final String END = "<!-- end -->";

    /** Give it on the command line to write the table anew. */
    private static final String REWRITE = "sluice.rewriteDocs";

    private final Configuration hadoop = new Configuration();

    @TempDir
    Path temporary;

    /** The smallest member of each family that has all that its rows differ in. */
    private static DecoderConfig small(DecoderConfig model) {
        return model.change().layers(2).vocabulary(64).build();
    }

    /** Rows that are the same model but for their training are one. */
    static Stream<DecoderConfig> models() {
        Stream<DecoderConfig> rows = Catalogue.rows().stream().map(row -> row.model(ModelScale.TINY));
        Stream<DecoderConfig> plain =
                plainVariants().map(variant -> variant.of(Presets.named("dense-1.7b-28l", ModelScale.TINY), false));
        return Stream.concat(rows, plain).map(CatalogueFormatsTest::small).distinct();
    }

    private static Stream<Variant> plainVariants() {
        return Variant.all().stream().filter(variant -> !variant.name().equals("more-experts"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void exportAndImportGiveTheSameBitsInEveryTypeAndLayout(DecoderConfig model) throws IOException {
        Checkpoint checkpoint =
                StoredModel.write(temporary.resolve("checkpoint"), model, StoredModel.parameters(model, 17));
        for (ForeignFormat format : ForeignFormat.values()) {
            if (format.refusal(model).isPresent()) {
                continue;
            }
            float[] whole = throughFiles(checkpoint, format, SafetensorsType.F32);
            assertThat(whole).as("%s", format).isEqualTo(StoredModel.read(checkpoint));
            for (SafetensorsType type : List.of(SafetensorsType.BF16, SafetensorsType.F16)) {
                float[] rounded = throughFiles(checkpoint, format, type);
                Checkpoint imported =
                        StoredModel.write(temporary.resolve(format + "-" + type + "-imported"), model, rounded);
                assertThat(throughFiles(imported, format, type))
                        .as("%s in %s, once rounded", format, type)
                        .isEqualTo(rounded);
                assertThat(Arrays.equals(rounded, whole)).isFalse();
            }
        }
    }

    private float[] throughFiles(Checkpoint checkpoint, ForeignFormat format, SafetensorsType type) throws IOException {
        Path folder = Files.createTempDirectory(temporary, "model");
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
        ForeignModelWriter writer = new ForeignModelWriter(hadoop, path, format, type, ForeignModelWriter.FILE_BYTES);
        assertThat(writer.writeWeights(checkpoint, done -> {}).roundedNorms()).isZero();
        writer.writeConfig(checkpoint.model(), 64, OptionalInt.empty());
        try (ForeignModel foreign = ForeignModel.open(hadoop, path)) {
            assertThat(foreign.model()).isEqualTo(checkpoint.model());
            ByteBuffer bytes =
                    ByteBuffer.allocate(Math.toIntExact(4 * foreign.model().parameters()));
            foreign.readParameters(0, bytes);
            return StoredModel.floats(bytes.flip());
        }
    }

    @Test
    void thePageSaysWhichFormatsThereAreForEachRow() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        String table = "\n\n" + String.join("\n", table()) + "\n\n";
        if (Boolean.getBoolean(REWRITE)) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end))
                    .as("docs/formats.md; -D%s=true writes the table anew", REWRITE)
                    .isEqualTo(table);
        }
    }

    private static List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add("| row or variant | Qwen3, authors | Qwen3-MoE | Qwen3-Next | Sluice | why no other |");
        lines.add("| --- | --- | --- | --- | --- | --- |");
        Map<String, DecoderConfig> named = new LinkedHashMap<>();
        Catalogue.rows().forEach(row -> named.put(row.name(), row.model(ModelScale.FULL)));
        plainVariants()
                .forEach(variant -> named.put(
                        variant.name() + "` of `dense-1.7b-28l", variant.of(Presets.named("dense-1.7b-28l"), false)));
        named.forEach((name, model) -> lines.add(line(name, model)));
        return lines;
    }

    private static String line(String name, DecoderConfig model) {
        StringBuilder line = new StringBuilder("| `" + name + "` |");
        for (ForeignFormat format : ForeignFormat.values()) {
            line.append(format.refusal(model).isEmpty() ? " yes |" : " |");
        }
        ForeignFormat nearest = model.mixture().isPresent() ? ForeignFormat.QWEN3_MOE : ForeignFormat.QWEN3;
        Optional<String> reason = ForeignFormat.of(model, Optional.empty()) == ForeignFormat.SLUICE
                ? nearest.refusal(model)
                : Optional.empty();
        return line.append(' ')
                .append(reason.map(why -> why + " ").orElse(""))
                .append('|')
                .toString();
    }
}
