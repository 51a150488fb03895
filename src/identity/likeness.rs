//! How alike two labels are, by the words that name somebody.

use crate::model::text::without_accents;

/// Words that say how something was paid, never to whom: they make no two labels alike.
const OPERATION: &[&str] = &[
    "ACHAT",
    "AVOIR",
    "BANCAIRE",
    "CARD",
    "CARTE",
    "CB",
    "CHEQUE",
    "CHQ",
    "DEBIT",
    "DIRECT",
    "EMIS",
    "EUR",
    "EUROPEEN",
    "FACTURE",
    "INST",
    "INSTANTANE",
    "KARTENZAHLUNG",
    "LASTSCHRIFT",
    "PAIEMENT",
    "PAYMENT",
    "PRELEVEMENT",
    "PRLV",
    "PURCHASE",
    "RECU",
    "REF",
    "REFERENCE",
    "REMBOURSEMENT",
    "RETRAIT",
    "SEPA",
    "TRANSFER",
    "UEBERWEISUNG",
    "VIR",
    "VIREMENT",
    "PENDING",
    "ATTENTE",
    "AUTORISATION",
    "COURS",
    "DES",
    "DU",
    "DE",
    "LA",
    "LE",
    "LES",
    "ET",
];

/// The words of a label that may name somebody: upper case, no accents, no digits, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Words(Vec<String>);

impl Words {
    /// Of a label as the bank wrote it.
    pub fn of(label: &str) -> Self {
        let plain = without_accents(label);
        let all = || plain.split(|c: char| !c.is_alphanumeric());
        let mut words: Vec<String> = all().filter(|word| names_somebody(word)).map(str::to_owned).collect();
        if words.is_empty() {
            // A cheque is known by its number; dates and card numbers are shorter.
            words = all().filter(|word| word.len() >= 5 && is_number(word)).map(str::to_owned).collect();
        }
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    /// How much of the shorter label stands in the other one, in percent; 0 when either is empty.
    pub fn likeness(&self, other: &Self) -> u32 {
        let (few, many) = if self.0.len() <= other.0.len() { (self, other) } else { (other, self) };
        if few.0.is_empty() {
            return 0;
        }
        let shared = few.0.iter().filter(|word| many.0.iter().any(|other| is_cut_of(word, other))).count();
        u32::try_from(shared * 100 / few.0.len()).unwrap_or(100)
    }
}

fn names_somebody(word: &str) -> bool {
    word.len() >= 2 && !word.contains(|c: char| c.is_ascii_digit()) && !OPERATION.contains(&word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Banks cut words at the end of a field.
fn is_cut_of(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= 4 && long.starts_with(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> u32 {
        Words::of(one).likeness(&Words::of(other))
    }

    #[test]
    fn labels_of_one_shop_are_alike() {
        assert_eq!(likeness("CARTE 12/03 EPICERIE DU PORT CB*4271", "Achat EPICERIE DU PORT 13 NANTES"), 100);
        assert_eq!(likeness("CARTE 12/03 BOULANGERIE", "PAIEMENT CB BOULANG"), 100);
        assert_eq!(likeness("CARTE 12/03 EPICERIE DU PORT", "CARTE 12/03 LIBRAIRIE"), 0);
        assert_eq!(likeness("CARTE 12/03", "CARTE 12/03"), 0, "nobody is named");
    }
}
