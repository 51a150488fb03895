//! The help: the doc comments of `args`, or the same in French.
//!
//! Errors about the command line itself are clap's own, in English.

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::args::Arguments;
use super::language::Language;

/// The command line as it is explained in a language.
pub fn command(language: Language) -> Command {
    let command = Arguments::command();
    match language {
        Language::En => command,
        Language::Fr => in_french(command),
    }
}

const TEMPLATE: &str = "{about-with-newline}\nUtilisation : {usage}\n\n{all-args}";

/// A command, what it is for, and its arguments with what they are for.
type Explained = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const COMMANDS: &[Explained] = &[
    (
        "demo",
        "Importer le foyer inventé dans un dossier à lui et montrer les vues",
        &[("folder", "Où mettre le foyer [par défaut : un dossier sous le dossier temporaire du système]")],
    ),
    ("init", "Écrire un moisson.toml commenté pour commencer", &[]),
    (
        "import",
        "Importer des documents : relevés de banque, factures de téléphone, courbes, carnets, agendas",
        &[
            ("files", "Fichiers, dossiers, ou - pour l'entrée standard"),
            ("dry_run", "Montrer ce qui se passerait et ne rien changer"),
            ("connector", "Lire avec ce connecteur plutôt qu'avec celui qui est reconnu"),
            ("source", "Les documents appartiennent à cette source de moisson.toml"),
        ],
    ),
    ("status", "Montrer chaque source : sa fraîcheur, ce qui est complet, ce qui manque", &[]),
    (
        "sql",
        "Poser une question en SQL aux vues publiées",
        &[
            ("sql", "La question ; lue sur l'entrée standard si c'est - ; sans elle, les vues sont montrées"),
            ("format", "Comment écrire la réponse [par défaut : ce que dit le nom du fichier, sinon table]"),
            ("output", "Fichier à écrire ; obligatoire pour parquet"),
        ],
    ),
    (
        "why",
        "Expliquer une ligne d'une vue : où elle a été lue, ce sur quoi elle repose, comment elle a changé",
        &[
            ("view", "Une vue : transactions, bills, calls, people, agenda, months…"),
            ("id", "L'identifiant de la ligne, tel que la vue le montre"),
        ],
    ),
    (
        "label",
        "Montrer comment les libellés de banque sont lus : nature, tiers, jour, références, catégorie, et la règle",
        &[
            ("texts", "Libellés ; avec --coverage, fichiers ou dossiers de documents de banque"),
            ("coverage", "Lire des documents de banque, n'en rien garder, et montrer combien de libellés sont compris"),
            ("booked_on", "Le jour de l'écriture : il donne l'année d'un jour qui n'en a pas"),
            ("money_in", "De l'argent est entré"),
            ("money_out", "De l'argent est sorti"),
        ],
    ),
    (
        "check",
        "Faire les contrôles, ou examiner un fichier vCard",
        &[("files", "Fichiers vCard à examiner au lieu de faire les contrôles")],
    ),
    (
        "rebuild",
        "Refaire la base à partir de l'archive et du journal",
        &[("diff", "Montrer les lignes qui changeraient, et ne rien changer")],
    ),
    ("verify", "Comparer chaque document archivé et le journal à leurs empreintes", &[]),
    ("connector", "Voir les connecteurs ; enregistrer une source et la rejouer", &[]),
    ("link", "Voir les liens entre factures, mouvements et personnes ; les confirmer ou les rejeter", &[]),
    ("conflict", "Voir les versions de rendez-vous et de contacts qui ont perdu contre d'autres ; les régler", &[]),
    ("set", "Fixer la catégorie, le nom ou la personne de mouvements, tiers, personnes et numéros", &[]),
    ("hide", "Cacher quelque chose aux vues ; l'archive le garde", &[]),
    (
        "accept",
        "Se porter garant d'un document qui semble douteux : ce qu'il dit sera cru",
        &[("document", "Le nom du document, ou les premiers chiffres de son sha256")],
    ),
    (
        "refresh",
        "Refaire les couches et publier leurs vues",
        &[("timings", "Montrer le temps que chaque fichier des couches a pris")],
    ),
    (
        "sync",
        "Chercher des sources maintenant, et importer ce qui est nouveau",
        &[("sources", "Sources de moisson.toml [par défaut : toutes celles qui peuvent être cherchées]")],
    ),
    (
        "add",
        "Installer une source : ce qu'il faut est demandé, essayé, écrit ; sans ID, en montrer la liste",
        &[
            ("service", "Où chercher, comme la liste le montre"),
            ("id", "Nom de la source dans moisson.toml [par défaut : celui du service]"),
            ("set", "Un champ dont elle a besoin, plutôt que d'être demandé"),
            ("secret", "Un secret dont elle a besoin, dans un fichier, ou sur l'entrée standard si c'est @-"),
            ("schedule", "Quand la chercher : cinq champs de crontab, @daily et autres, ou none"),
            ("home_host", "Autoriser son adresse bien qu'elle soit chez vous ou sans chiffrement"),
            ("no_test", "L'écrire sans l'essayer"),
            ("keep_anyway", "L'écrire même si elle ne marche pas encore"),
        ],
    ),
    ("secret", "Garder, lister, oublier ou chiffrer de nouveau les secrets dont les sources ont besoin", &[]),
    ("device", "Laisser entrer téléphones, ordinateurs et programmes : chaque appareil a son mot de passe", &[]),
    (
        "serve",
        "Rester, et chercher chaque source quand c'est son heure",
        &[("listen", "Où dire la santé et les mesures [par défaut : listen sous [serve], sinon 127.0.0.1:4747]")],
    ),
    ("doctor", "Regarder si tout est comme il faut, et dire quoi faire", &[]),
    ("pause", "Laisser des sources tranquilles jusqu'à nouvel ordre", &[("sources", "Sources de moisson.toml")]),
    (
        "resume",
        "Laisser tourner de nouveau des sources, même arrêtées jusqu'à ce que quelqu'un agisse",
        &[("sources", "Sources de moisson.toml")],
    ),
];

const LINKS: (&str, &str) =
    ("links", "Les identifiants que montre `link list` ; ou un genre et les identifiants de deux lignes");

const CONFLICT: (&str, &str) = ("id", "Comme `conflict list` le montre, ou ses premiers chiffres");

const CONFLICT_COMMANDS: &[Explained] = &[
    ("list", "Lister les versions qui ont perdu et vous attendent", &[]),
    ("show", "Montrer les deux versions", &[CONFLICT]),
    ("take", "Remettre la version qui a perdu à la place de celle qui tient", &[CONFLICT]),
    ("drop", "Abandonner la version qui a perdu", &[CONFLICT]),
];

const LINK_COMMANDS: &[Explained] = &[
    (
        "list",
        "Lister les liens, ce sur quoi ils reposent et leur certitude",
        &[("state", "Seulement les liens dans cet état"), ("kind", "Seulement les liens de ce genre")],
    ),
    ("confirm", "Dire que des liens sont vrais", &[LINKS]),
    ("reject", "Dire que des liens sont faux : ils ne seront plus proposés", &[LINKS]),
    ("forget", "Reprendre ce qui a été dit de liens", &[LINKS]),
];

const SET_ONE: &[(&str, &str)] = &[
    ("subject", "L'identifiant d'un mouvement, payee:CLÉ, person:ID ou number:NUMÉRO"),
    ("value", "Le code de la catégorie, le nom, ou l'identifiant de la personne"),
    ("forget", "Reprendre ce qui a été fixé"),
];

const SET_COMMANDS: &[Explained] = &[
    ("category", "Fixer la catégorie d'un mouvement, ou de tous ceux d'un tiers", SET_ONE),
    ("name", "Fixer le nom d'un tiers, d'une personne ou d'un numéro de téléphone", SET_ONE),
    ("person", "Dire à qui est un tiers ou un numéro de téléphone", SET_ONE),
];

const HIDE_COMMANDS: &[Explained] = &[(
    "transaction",
    "Cacher un mouvement d'un compte en banque",
    &[("id", "L'identifiant du mouvement"), ("undo", "Le montrer de nouveau")],
)];

const SECRET_COMMANDS: &[Explained] = &[
    (
        "set",
        "Garder un secret : demandé au terminal, ou lu sur l'entrée standard",
        &[
            ("name", "SOURCE/CHAMP, par exemple joint/token ou notify/ntfy"),
            ("from_file", "Le lire dans ce fichier, ou sur l'entrée standard si c'est -"),
        ],
    ),
    ("list", "Lister les noms des secrets, d'où chacun vient, et ceux qui manquent", &[]),
    ("remove", "Oublier un secret", &[("name", "SOURCE/CHAMP")]),
    (
        "rotate",
        "Chiffrer tous les secrets de nouveau, avec une autre clé",
        &[
            ("passphrase", "Avec une phrase secrète au lieu d'un fichier de clé"),
            ("from_file", "Lire la phrase dans ce fichier, ou sur l'entrée standard si c'est -"),
        ],
    ),
];

const DEVICE_COMMANDS: &[Explained] = &[
    (
        "add",
        "Créer un appareil et son mot de passe, qui est montré une fois",
        &[
            ("name", "Comment vous l'appelez, par exemple « téléphone de Zoé »"),
            ("read_only", "Il ne peut rien changer"),
            ("calendars", "Il voit les agendas, pas les contacts"),
            ("contacts", "Il voit les contacts, pas les agendas"),
            ("collections", "Il ne voit que cette collection, par son nom dans les adresses ; peut être répété"),
            ("page", "Il peut ouvrir les pages d'installation, donc ajouter et révoquer tout appareil"),
        ],
    ),
    ("list", "Lister les appareils : ce que chacun peut faire, et quand il a été vu", &[]),
    ("revoke", "Ne plus laisser entrer un appareil", &[("name", "Comme `device list` le montre")]),
];

const CONNECTOR_COMMANDS: &[Explained] = &[
    ("list", "Lister tous les connecteurs, les vôtres compris", &[]),
    ("show", "Montrer le TOML d'un connecteur, à lire ou pour écrire le vôtre", &[("id", "Par exemple generic/bills")]),
    (
        "record",
        "Enregistrer un passage d'une source, ses secrets biffés ; rien n'en est importé ni gardé",
        &[
            ("source", "Une source de moisson.toml"),
            ("output", "Dossier à écrire, vide ou absent [par défaut : SOURCE-recording]"),
            ("days", "Ne demander que ce nombre de jours en arrière"),
        ],
    ),
    (
        "test",
        "Rejouer des enregistrements : le connecteur face à eux, sans le réseau",
        &[
            ("folders", "Dossiers d'enregistrements"),
            ("renew", "Écrire les documents de nouveau, après que vous avez changé les réponses"),
        ],
    ),
];

fn in_french(command: Command) -> Command {
    let command = framed(command)
        .about(
            "Moissonner les données d'un foyer (banque, téléphone, énergie, agendas, contacts) dans une base DuckDB \
             locale, rapprochées en vues personnelles.",
        )
        .disable_version_flag(true)
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help("Montrer la version"))
        .mut_arg("home", |arg| arg.help("Tout garder d'un foyer dans ce dossier [par défaut : les dossiers XDG]"));
    let command = explained(command, COMMANDS);
    let nested = [
        ("connector", CONNECTOR_COMMANDS),
        ("conflict", CONFLICT_COMMANDS),
        ("link", LINK_COMMANDS),
        ("set", SET_COMMANDS),
        ("hide", HIDE_COMMANDS),
        ("secret", SECRET_COMMANDS),
        ("device", DEVICE_COMMANDS),
    ];
    nested
        .into_iter()
        .fold(command, |command, (name, inner)| command.mut_subcommand(name, |command| explained(command, inner)))
}

fn explained(command: Command, commands: &'static [Explained]) -> Command {
    commands.iter().fold(command, |command, (name, about, arguments)| {
        command.mut_subcommand(*name, |command| {
            let command = framed(command).about(*about);
            arguments.iter().fold(command, |command, (id, help)| command.mut_arg(*id, |arg| arg.help(*help)))
        })
    })
}

/// What stands around the explanations.
fn framed(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Montrer cette aide");
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading("Commandes")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command and argument of the one is in the other, and says something else there.
    fn compare(en: &Command, fr: &Command) {
        assert_ne!(
            en.get_about().map(ToString::to_string),
            fr.get_about().map(ToString::to_string),
            "{}",
            en.get_name()
        );
        for argument in en.get_arguments() {
            let other = fr.get_arguments().find(|other| other.get_id() == argument.get_id());
            let help = |arg: &Arg| arg.get_help().map(ToString::to_string);
            // A few words are the same in both.
            let is_same = other.is_some_and(|other| help(other) == help(argument));
            assert!(
                other.is_some() && (!is_same || argument.get_id() == "id"),
                "{} {}",
                en.get_name(),
                argument.get_id()
            );
        }
        for command in en.get_subcommands().filter(|command| command.get_name() != "help") {
            compare(command, fr.find_subcommand(command.get_name()).expect("the same command"));
        }
    }

    #[test]
    fn everything_is_explained_in_french() {
        command(Language::Fr).debug_assert();
        compare(&command(Language::En), &command(Language::Fr));
    }
}
