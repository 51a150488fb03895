-- One row per special number, or family of them, and country whose lines dial it: what it is, in two languages.
with dialled_in_france as (
    select *
    from (
        values
            -- Emergencies and help, as the regulator's numbering plan (Arcep) reserves them.
            ('exact', '15', 'emergency', 'SAMU (medical emergency)', 'SAMU (urgence médicale)'),
            ('exact', '17', 'emergency', 'Police', 'Police secours'),
            ('exact', '18', 'emergency', 'Fire brigade', 'Sapeurs-pompiers'),
            ('exact', '114', 'emergency', 'Emergency by text, for the deaf', 'Urgence pour sourds et malentendants'),
            ('exact', '115', 'emergency', 'Homeless emergency (Samu social)', 'Samu social'),
            ('exact', '119', 'emergency', 'Children in danger', 'Enfance en danger'),
            ('exact', '191', 'emergency', 'Air rescue', 'Secours aéronautique'),
            ('exact', '196', 'emergency', 'Sea rescue', 'Secours en mer'),
            ('exact', '197', 'emergency', 'Terrorism and abduction alert', 'Alerte attentat et enlèvement'),
            ('exact', '3114', 'emergency', 'Suicide prevention', 'Prévention du suicide'),
            ('exact', '3919', 'emergency', 'Violence against women', 'Violences femmes info'),
            ('exact', '3018', 'emergency', 'Online and school bullying', 'Harcèlement et cyberharcèlement'),
            ('exact', '3977', 'emergency', 'Abuse of elderly or disabled people', 'Maltraitance des aînés et des adultes handicapés'),
            ('exact', '3624', 'service', 'Doctor on call (SOS Médecins)', 'SOS Médecins'),
            ('exact', '3237', 'service', 'Pharmacy on duty', 'Pharmacie de garde'),

            -- Voicemail of the operators, dialled from their own lines.
            ('exact', '123', 'voicemail', 'Voicemail (SFR)', 'Messagerie vocale (SFR)'),
            ('exact', '660', 'voicemail', 'Voicemail (Bouygues Telecom)', 'Messagerie vocale (Bouygues Telecom)'),
            ('exact', '666', 'voicemail', 'Voicemail (Free)', 'Messagerie vocale (Free)'),
            ('exact', '888', 'voicemail', 'Voicemail (Orange)', 'Messagerie vocale (Orange)'),
            ('exact', '3103', 'voicemail', 'Voicemail (Orange landline)', 'Messagerie vocale (fixe Orange)'),

            -- Customer service of the operators.
            ('exact', '614', 'operator', 'Bouygues Telecom customer service', 'Service client Bouygues Telecom'),
            ('exact', '700', 'operator', 'Orange customer service', 'Service client Orange'),
            ('exact', '740', 'operator', 'Sosh and Orange prepaid account', 'Suivi conso Orange et Sosh'),
            ('exact', '963', 'operator', 'SFR account information', 'Suivi conso SFR'),
            ('exact', '3244', 'operator', 'Free customer service', 'Service client Free'),
            ('exact', '3900', 'operator', 'Orange customer service', 'Service client Orange'),
            ('exact', '3970', 'operator', 'Orange customer service', 'Service client Orange'),
            ('exact', '1023', 'operator', 'SFR customer service', 'Service client SFR'),
            ('exact', '1044', 'operator', 'Free customer service', 'Service client Free'),
            ('exact', '1064', 'operator', 'Bouygues Telecom customer service', 'Service client Bouygues Telecom'),
            ('regex', '10[0-9]{2}', 'operator', 'Customer service of an operator', 'Service client d''un opérateur'),
            ('exact', '3131', 'operator', 'Last caller', 'Dernier appelant'),
            ('exact', '3651', 'operator', 'Call with one''s number withheld', 'Appel en numéro masqué'),

            -- Public bodies and large services.
            ('exact', '3230', 'service', 'CAF (family benefits)', 'CAF'),
            ('exact', '3631', 'service', 'La Poste', 'La Poste'),
            ('exact', '3635', 'service', 'SNCF', 'SNCF'),
            ('exact', '3639', 'service', 'La Banque Postale', 'La Banque Postale'),
            ('exact', '3646', 'service', 'Health insurance (Ameli)', 'Assurance maladie (Ameli)'),
            ('exact', '3939', 'service', 'Public service information', 'Allô Service Public'),
            ('exact', '3949', 'service', 'France Travail', 'France Travail'),
            ('exact', '3957', 'service', 'Urssaf', 'Urssaf'),
            ('exact', '3960', 'service', 'State pension (Assurance retraite)', 'Assurance retraite'),
            ('exact', '3989', 'service', 'Help to stop smoking', 'Tabac info service'),
            ('exact', '3250', 'service', 'Weather forecast (Météo-France)', 'Météo-France'),
            ('exact', '33700', 'service', 'Report of unwanted messages', 'Signalement de spam'),

            -- Families: the more precise rows above win.
            ('regex', '118[0-9]{3}', 'directory', 'Directory enquiries', 'Renseignements téléphoniques'),
            ('regex', '3[01][0-9]{2}', 'free', 'Free short number', 'Numéro court gratuit'),
            ('regex', '3[2-9][0-9]{2}', 'service', 'Short service number', 'Numéro court de service'),
            ('regex', '3[0-9]{4}', 'sms_short', 'Text message service', 'Service par SMS'),
            (
                'regex', '[4-8][0-9]{4}', 'sms_short',
                'Text message service, may be surcharged', 'Service par SMS, éventuellement surtaxé'
            )
    ) as numbers (match, pattern, kind, label_en, label_fr)
),

-- Overseas France dials the same plan.
french_plan as (
    select unnest(['FR', 'BL', 'GF', 'GP', 'MF', 'MQ', 'RE', 'YT']) as country
),

written_in_full as (
    select *
    from (
        values
            ('prefix', '+33800', 'free', 'Freephone (0800)', 'Numéro vert (0800)', 'FR'),
            ('prefix', '+33801', 'free', 'Freephone (0801)', 'Numéro vert (0801)', 'FR'),
            ('prefix', '+33802', 'free', 'Freephone (0802)', 'Numéro vert (0802)', 'FR'),
            ('prefix', '+33803', 'free', 'Freephone (0803)', 'Numéro vert (0803)', 'FR'),
            ('prefix', '+33804', 'free', 'Freephone (0804)', 'Numéro vert (0804)', 'FR'),
            ('prefix', '+33805', 'free', 'Freephone (0805)', 'Numéro vert (0805)', 'FR'),
            ('prefix', '+33806', 'service', 'Service at ordinary rate (0806)', 'Service au prix d''un appel (0806)', 'FR'),
            ('prefix', '+33807', 'service', 'Service at ordinary rate (0807)', 'Service au prix d''un appel (0807)', 'FR'),
            ('prefix', '+33808', 'service', 'Service at ordinary rate (0808)', 'Service au prix d''un appel (0808)', 'FR'),
            ('prefix', '+33809', 'service', 'Service at ordinary rate (0809)', 'Service au prix d''un appel (0809)', 'FR'),
            ('prefix', '+3381', 'premium', 'Surcharged service (081x)', 'Service surtaxé (081x)', 'FR'),
            ('prefix', '+3382', 'premium', 'Surcharged service (082x)', 'Service surtaxé (082x)', 'FR'),
            ('prefix', '+3389', 'premium', 'Premium rate number (089x)', 'Numéro surtaxé (089x)', 'FR'),
            ('prefix', '+338', 'service', 'Special number (08)', 'Numéro spécial (08)', 'FR'),
            ('prefix', '+44800', 'free', 'British freephone', 'Numéro gratuit britannique', 'GB'),
            ('prefix', '+44808', 'free', 'British freephone', 'Numéro gratuit britannique', 'GB'),
            ('prefix', '+449', 'premium', 'British premium rate number', 'Numéro surtaxé britannique', 'GB'),
            ('prefix', '+49800', 'free', 'German freephone', 'Numéro gratuit allemand', 'DE'),
            ('prefix', '+49900', 'premium', 'German premium rate number', 'Numéro surtaxé allemand', 'DE'),
            ('prefix', '+41800', 'free', 'Swiss freephone', 'Numéro gratuit suisse', 'CH'),
            ('prefix', '+41900', 'premium', 'Swiss premium rate number', 'Numéro surtaxé suisse', 'CH')
    ) as numbers (match, pattern, kind, label_en, label_fr, country)
),

-- A row without country holds everywhere.
dialled_elsewhere as (
    select *
    from (
        values
            ('exact', '112', 'emergency', 'European emergency number', 'Numéro d''urgence européen', null),
            ('exact', '116000', 'emergency', 'Missing children', 'Enfants disparus', null),
            ('exact', '116006', 'emergency', 'Help for victims', 'Aide aux victimes', null),
            ('exact', '116111', 'emergency', 'Children in danger', 'Enfance en danger', null),
            ('exact', '116117', 'service', 'Doctor on call', 'Médecin de garde', null),
            ('regex', '116[0-9]{3}', 'service', 'European service of social value', 'Service européen à valeur sociale', null),
            ('prefix', '+800', 'free', 'International freephone', 'Numéro gratuit international', null),
            ('regex', '[*#][0-9*#+]+', 'operator', 'Service code of the operator', 'Code de service de l''opérateur', null),
            ('regex', '[0-9]+#', 'operator', 'Service code of the operator', 'Code de service de l''opérateur', null),
            ('exact', '110', 'emergency', 'Police', 'Police', 'DE'),
            ('exact', '117', 'emergency', 'Police', 'Police', 'CH'),
            ('exact', '118', 'emergency', 'Fire brigade', 'Pompiers', 'CH'),
            ('exact', '144', 'emergency', 'Ambulance', 'Ambulance', 'CH'),
            ('exact', '100', 'emergency', 'Fire brigade and ambulance', 'Pompiers et ambulance', 'BE'),
            ('exact', '101', 'emergency', 'Police', 'Police', 'BE'),
            ('exact', '999', 'emergency', 'Emergency', 'Urgences', 'GB'),
            ('exact', '911', 'emergency', 'Emergency', 'Urgences', 'US'),
            ('exact', '911', 'emergency', 'Emergency', 'Urgences', 'CA')
    ) as numbers (match, pattern, kind, label_en, label_fr, country)
),

numbers as (
    select match, pattern, kind, label_en, label_fr, country
    from dialled_in_france
    cross join french_plan
    union all
    select match, pattern, kind, label_en, label_fr, country
    from written_in_full
    union all
    select match, pattern, kind, label_en, label_fr, country
    from dialled_elsewhere
)

select
    match,
    pattern,
    kind,
    label_en,
    label_fr,
    country
from numbers
