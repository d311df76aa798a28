// Checks PDF files with veraPDF: Validate.java FLAVOUR[,FLAVOUR] FILE... prints one line a file and flavour,
// VERDICT <tab> flavour <tab> file [<tab> fault]...

import java.io.FileInputStream;
import java.util.Set;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Validate {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (int i = 1; i < arguments.length; i++) {
            for (String flavour : arguments[0].split(",")) {
                StringBuilder line = new StringBuilder("VERDICT\t" + flavour + "\t" + arguments[i]);
                for (String fault : faults(arguments[i], PDFAFlavour.fromString(flavour))) {
                    line.append("\t").append(fault.replaceAll("\\s+", " "));
                }
                System.out.println(line);
            }
        }
    }

    private static Set<String> faults(String file, PDFAFlavour flavour) throws Exception {
        Set<String> faults = new TreeSet<>();
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    faults.add(assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber()
                            + ": " + assertion.getMessage());
                }
            }
            if (!result.isCompliant() && faults.isEmpty()) {
                faults.add("not compliant, without a reason");
            }
        }
        return faults;
    }
}
